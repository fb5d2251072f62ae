"""What this engine answers to a call made in R: one function per function of R, fields by R's names.

An answer takes the reference, the call and R's options, and never the case's result: what R answered is not at hand
while ours is made.
"""

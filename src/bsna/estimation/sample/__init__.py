"""The sample: how it was drawn, how its rows add up, and the variance that follows."""

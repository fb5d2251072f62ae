"""Surveys drawn from a declared truth, so that it can be counted how often claims that are false come out supported."""

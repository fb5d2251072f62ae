"""Models of an outcome given covariates, and what is read off them."""

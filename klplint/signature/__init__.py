"""A parameter dropped from a function, in all files that name the function."""

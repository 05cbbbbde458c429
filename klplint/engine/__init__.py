"""Facts collected, queries answered, rules checked."""

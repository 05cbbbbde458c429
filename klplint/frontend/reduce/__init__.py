"""A function's body, reduced to statements and events."""

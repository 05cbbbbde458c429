"""Data flow over reduced function bodies, loops, the call graph."""

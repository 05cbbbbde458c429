"""A kernel tree: its files, and what its build would pass to a compiler."""

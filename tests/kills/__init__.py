"""Runs that are killed at random times, and what has to hold after each: `make kill-test`."""

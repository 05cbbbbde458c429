"""Reading comments of memory barriers: which belong to a barrier, what they say, whom they name."""

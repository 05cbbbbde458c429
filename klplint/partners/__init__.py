"""The partner of a barrier, from what both sides touch: never from comments."""

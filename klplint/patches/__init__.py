"""Patches: read from diffs and mails, applied to text in memory, each line's origin kept."""

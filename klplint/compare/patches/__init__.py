"""Patches: read, applied, asked of git. Only this package uses unidiff."""

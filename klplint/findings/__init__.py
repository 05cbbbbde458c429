"""The finding: its place, its fingerprint, and how findings are put in order."""

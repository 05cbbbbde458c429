"""The finding: its place, its fingerprint, and the order of findings."""

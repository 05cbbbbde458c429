"""Barrier comments: what they say, and the counterparts they name."""

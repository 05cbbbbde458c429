"""Fixes carried out on the text of sources: where a change goes, and how it is laid out."""

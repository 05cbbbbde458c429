"""Livepatch modules: what their tables name in a kernel, and what cannot be patched."""

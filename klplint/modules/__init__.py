"""Livepatch modules: what their tables name in a kernel, and what keeps a function from being
patched."""

"""Whether a fix can be livepatched: what it changes, what changes with that, and a verdict."""

"""Which findings count: those of changed lines, those a baseline does not have."""

"""The hub: what klplint records about a file. Frozen, typed, serialisable; imports nothing else."""

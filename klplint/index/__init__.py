"""Which files of the tree hold a name."""

"""The checks, one per module: facts in, drafts of findings out. No input, no output, no clang."""

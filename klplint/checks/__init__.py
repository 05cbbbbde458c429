"""One module a check: facts in, drafts of findings out. No input or output, no clang."""

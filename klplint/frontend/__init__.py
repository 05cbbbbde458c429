"""From a file to its facts. Only this package uses clang.cindex."""

"""Settings: from a file and the command line, checked."""

"""The command line: commands, options, standard output and error, exit status. Only here click."""

"""Fuzzing: what reads a user's files gets random variations of real ones, guided by coverage.

`make fuzz` runs each harness with atheris; see `run`. A harness is a module with a function
`check` of bytes, which raises if klplint does something wrong, and a `HARNESS` that describes it.
"""

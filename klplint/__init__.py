"""klplint: a linter for Linux kernel sources."""

from importlib.metadata import version

__version__ = version("klplint")

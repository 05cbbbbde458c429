"""The errors that end a run: the user gets one sentence and an exit status, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class KlplintError(Exception):
    """Base of all of them; the text says what is wrong, where, and what to do about it."""

    exit_status: ClassVar[int] = 2

    def __init__(self, text: str, *, setting: str | None = None) -> None:
        """`setting` is the key of the setting to blame, where the text does not name its place."""
        super().__init__(text)
        self.setting = setting


class UsageError(KlplintError):
    """The command line asks for something that cannot be done."""


class ConfigError(KlplintError):
    """A configuration file, a rule's data, or a setting in one of them is wrong."""


class TreeError(KlplintError):
    """The kernel tree, a PATH in it, or its compilation database cannot be used."""


class PatchError(KlplintError):
    """A patch, or the revision to compare with, cannot be read or applied."""


class BaselineError(KlplintError):
    """A baseline cannot be read."""


class CacheError(KlplintError):
    """The cache, or the directory for temporary files, cannot be used."""


class OutputError(KlplintError):
    """A report cannot be written where it should go."""


def nearest(wrong: str, words: Iterable[str]) -> str:
    """A hint " (did you mean X?)" where one of `words` is close to `wrong`, else ""."""
    import difflib  # only for errors

    close = difflib.get_close_matches(wrong, sorted(words), n=1)
    return f" (did you mean {close[0]}?)" if close else ""

"""The errors that end a run: the user gets one sentence and an exit status, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class KlplintError(Exception):
    """Base of all of them; the text says what is wrong, where, and what to do about it."""

    exit_status: ClassVar[int] = 2

    def __init__(self, text: str, *, setting: str | None = None) -> None:
        """Make an error with a sentence for the user.

        `setting` is the setting at fault, where the text does not say where it comes from: if it
        is the configuration file, its file and line are added.
        """
        super().__init__(text)
        self.setting = setting


class UsageError(KlplintError):
    """The command line asks for something that cannot be done."""


class ConfigError(KlplintError):
    """A configuration file or the data of a rule is wrong."""


class TreeError(KlplintError):
    """The kernel tree, a PATH in it, or its compilation database cannot be used."""


class PatchError(KlplintError):
    """A patch or a git revision cannot be read, or a patch does not apply."""


class BaselineError(KlplintError):
    """A baseline cannot be read."""


class CacheError(KlplintError):
    """The cache or the directory for temporary files cannot be used."""


class OutputError(KlplintError):
    """A report cannot be written."""


class TooDeep(Exception):
    """Code nests deeper than klplint follows; the text says so. Its file is read by its tokens."""


def nearest(wrong: str, words: Iterable[str]) -> str:
    """A hint " (did you mean X?)" where one of `words` is close to `wrong`, else ""."""
    import difflib  # only for errors

    close = difflib.get_close_matches(wrong, sorted(words), n=1)
    return f" (did you mean {close[0]}?)" if close else ""

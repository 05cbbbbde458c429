"""The one exception that stops a run: the user is told one sentence, exit status 2."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UsageError(Exception):
    """What was asked cannot be done; the text says what, where and what to do about it.

    `setting` is the key of the setting that asks for it, where the text does not say so.
    """

    def __init__(self, text: str, setting: str | None = None) -> None:
        super().__init__(text)
        self.setting = setting


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A hint " (did you mean X?)" where a known word is close to `wrong`, else ""."""
    close = difflib.get_close_matches(wrong, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""

"""Changes of sources as a unified diff, as git writes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

_NO_NEWLINE = "\n\\ No newline at end of file\n"


def diff(file: str, before: str, after: str) -> Iterator[str]:
    """The lines of a diff that `git apply` and `patch -p1` take; none if nothing differs."""
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    old, new = ([*_only_newlines(each)] for each in lines)
    for line in difflib.unified_diff(old, new, f"a/{file}", f"b/{file}"):
        yield line if line.endswith("\n") else f"{line}{_NO_NEWLINE}"


def _only_newlines(lines: Iterable[str]) -> Iterator[str]:
    """Lines as git counts them: other characters that end lines for Python are part of one."""
    part = ""
    for line in lines:
        part += line
        if part.endswith("\n"):
            yield part
            part = ""
    if part:
        yield part

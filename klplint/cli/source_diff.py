"""Changes of sources as a unified diff, as git writes it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def diff(file: str, before: str, after: str) -> Iterator[str]:
    """The lines of a diff that `git apply` and `patch -p1` take; none if nothing differs."""
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    old, new = ([*_only_newlines(each)] for each in lines)
    for line in difflib.unified_diff(old, new, _quoted(f"a/{file}"), _quoted(f"b/{file}")):
        yield line if line.endswith("\n") else f"{line}{_NO_NEWLINE}"


def _quoted(name: str) -> str:
    """A file name as git writes it: in quotes if it needs them; a tab ends one with spaces."""
    if _TO_ESCAPE.search(name):
        return f'"{_TO_ESCAPE.sub(_escape, name)}"'
    return f"{name}\t" if " " in name else name


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], f"\\{ord(match[0]):03o}")


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

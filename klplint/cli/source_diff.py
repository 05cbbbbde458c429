"""Changes of sources as a unified diff, as git writes it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_TO_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')
_BARRIER = re.compile(r"\s*\w*mb\(\);\s*")
_CONTEXT = 3
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def diff(file: str, before: str, after: str) -> Iterator[str]:
    """The lines of a diff that `git apply` and `patch -p1` take; none if nothing differs."""
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    old, new = ([*_only_newlines(each)] for each in lines)
    groups = difflib.SequenceMatcher(_is_barrier, old, new).get_grouped_opcodes(_CONTEXT)
    heading = [f"--- {_quoted(f'a/{file}')}\n", f"+++ {_quoted(f'b/{file}')}\n"]
    for group in groups:
        yield from heading
        heading = []
        for line in _hunk(group, old, new):
            yield line if line.endswith("\n") else f"{line}{_NO_NEWLINE}"


def _is_barrier(line: str) -> bool:
    """Whether a line is a barrier alone: one is moved past other lines, not these past it."""
    return _BARRIER.fullmatch(line) is not None


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: Sequence[str], new: Sequence[str]
) -> Iterator[str]:
    """A group of changes with the lines around them."""
    (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = group[0], group[-1]
    yield f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@\n"
    for tag, start, end, other_start, other_end in group:
        if tag == "equal":
            yield from (f" {line}" for line in old[start:end])
        else:
            yield from (f"-{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[other_start:other_end])


def _range(start: int, end: int) -> str:
    """Lines as a hunk counts them: an empty range is named by the line before it."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + (count > 0)},{count}"


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

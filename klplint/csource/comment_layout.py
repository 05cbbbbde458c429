"""Comments laid out as the kernel's coding style has them.

Source: Documentation/process/coding-style.rst, "Commenting" and "Breaking long lines and strings".
"""

from __future__ import annotations

import re
import textwrap

WIDTH = 80
"""The columns that the kernel prefers."""
_TAB = 8
# Where the text of a long comment begins on its first line: coding-style.rst and checkpatch.pl of
# Linux 6.1; later ones accept it.
_COMPACT = ("net/", "drivers/net/")
_NARROWEST = 30
_END = re.compile(r"[\r\n]*\Z")


def columns(text: str) -> int:
    """The columns that a line takes, with tabs as wide as the kernel has them."""
    return len(text.expandtabs(_TAB))


def comment_lines(words: str, indent: str, end: str, width: int, file: str = "") -> list[str]:
    """The lines of a comment: one, or several for what does not fit into `width` columns.

    `end` ends each line. The file decides on the form of several lines.
    """
    whole = f"{indent}/* {words} */"
    if columns(whole) <= width:
        return [f"{whole}{end}"]
    inner = [f"{row}{end}" for row in wrapped(words, f"{indent} * ", width)]
    if file.startswith(_COMPACT):
        inner[0] = inner[0].replace(f"{indent} *", f"{indent}/*", 1)
        return [*inner, f"{indent} */{end}"]
    return [f"{indent}/*{end}", *inner, f"{indent} */{end}"]


def wrapped(words: str, prefix: str, width: int) -> list[str]:
    """Words as lines that begin with `prefix` and fit into `width` columns."""
    room = max(_NARROWEST, width - columns(prefix))
    rows = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)
    return [f"{prefix}{row}" for row in rows]


def continued(line: str, column: int = 0) -> str:
    """A line of a macro, which continues on the next one; the backslash is in `column` or behind.

    Columns count from 0. Tabs lead to it, as macros of the kernel have them.
    """
    end = _END.search(line)
    assert end is not None  # the pattern fits any text
    text = line[: end.start()]
    tabs = ""
    while columns(text + tabs) < column:
        tabs += "\t"
    return f"{text}{tabs if columns(text + tabs) == column else ' '}\\{end[0]}"

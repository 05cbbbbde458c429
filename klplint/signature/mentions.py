"""What comments and documents say of a function that loses a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.text_edits import TextEdit
from klplint.signature.request import Request

_ARGUMENTS = r"((?:[^()\n]|\([^()\n]*\))+)"
_HEADING = r"/\*\*[ \t\r\n*]*(\b{}\b)"
_COLON = r"[ \t]*\*[ \t]*@{}:[^\n]*(?:\n[ \t]*\*[ \t]{{2,}}[^\n]*|\n[ \t]*\*\t[^\n]*)*\n"


def mentions(text: str, request: Request) -> Iterator[TextEdit]:
    """The edits for calls that prose mentions: of `f(current)` only the name is left.

    Where something else is passed, it is the second function that is meant, if there is one.
    """
    for match in re.finditer(rf"\b{request.name}\({_ARGUMENTS}\)", text):
        passed = match[1].strip()
        if passed == request.value:
            yield TextEdit(match.start(1), match.end(1), "")
        elif request.second and passed != "void":
            yield TextEdit(match.start(), match.start() + len(request.name), request.second)


def parameter_line(comment: str, parameter: str) -> TextEdit | None:
    """The edit that takes a parameter out of a kernel-doc comment; None if it has none."""
    match = re.search(_COLON.format(re.escape(parameter)), comment)
    return TextEdit(match.start(), match.end(), "") if match else None


def heading(comment: str, request: Request) -> TextEdit | None:
    """The edit that lets a kernel-doc comment begin with the second function; None for another."""
    match = re.match(_HEADING.format(re.escape(request.name)), comment)
    return TextEdit(match.start(1), match.end(1), request.second) if match else None

"""A text as somebody may change it, for a run that reads what a change needs."""

from __future__ import annotations

from klplint.csource.lexer import Source


def with_other_lines(text: str) -> str:
    """A text with an empty line behind the first line of code, or at its end.

    What is before the code stays the same: libclang keeps the headers that are included there for
    the next text, but reads them again if anything before the code has changed.
    """
    code = Source(text).statements
    first = len(code) - len(code.lstrip())
    end = text.find("\n", first) + 1 or len(text)
    return f"{text[:end]}\n{text[end:]}"

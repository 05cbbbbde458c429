"""Text within GitHub's Markdown: what it quotes as code, the rest without markup."""

from __future__ import annotations

import re

from klplint.printable import encodable, one_line

_SPECIAL = re.compile(r"[\\`*\[\]<>&|~]|(?<![^\W_])_|_(?![^\W_])")
"""Markup in a line of text. An underscore within a word is not."""

_NOT_IN_CODE = re.compile(r"[`|\\]|^\s|\s$")
_PUNCTUATION = re.compile(r"[^\w/. ]|_")


def as_prose(text: str) -> str:
    """A message: what it quotes in backticks as code, the rest without markup."""
    # Two pieces of code with nothing between them become one.
    parts = one_line(text).replace("``", "").split("`")
    if len(parts) % 2 == 0:
        return _escaped(text)
    return "".join(
        as_code(part) if number % 2 and part else _escaped(part)
        for number, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    """Text of a cell in which nothing is markup."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", encodable(one_line(text)))


def as_code(text: str) -> str:
    """`text` as code, in which GitHub replaces no emoji either (`:100:` is one)."""
    plain = encodable(one_line(text))
    if not _NOT_IN_CODE.search(plain):
        return f"`{plain}`"
    return f"<code>{_PUNCTUATION.sub(lambda match: f'&#{ord(match[0])};', plain)}</code>"

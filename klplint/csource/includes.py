"""What a file includes, in all ways in which C can say so."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

# What may stand between the words of a directive.
_RARE = rb"(?:[\f\v]|/\*(?:[^*]|\*(?!/))*\*/|\\[ \t]*\r?\n)"
_SPACE = rb"[ \t]*(?:" + _RARE + rb"[ \t]*)*"
_NAME = rb'(?:<([^>\n]+)>|"([^"\n]+)"|(\S))'
_WORDS = rb"(?:include(?:_next)?|import|embed)\b"
# Two patterns, because re finds one that begins with a literal many times as fast.
_INCLUDE = re.compile(rb"#" + _SPACE + _WORDS + _SPACE + _NAME)
_DIGRAPH = re.compile(rb"%:" + _SPACE + _WORDS + _SPACE + _NAME)
_ASKED_FOR = re.compile(rb"__has_(?:include(?:_next)?|embed)" + _SPACE + rb"\(" + _SPACE + _NAME)


class Include(NamedTuple):
    """A file that another one includes, or looks for with __has_include."""

    name: str
    """The name as written; empty if a macro gives it."""
    is_quoted: bool
    """Whether it is written in quotes, not in angle brackets."""

    @property
    def leads_out(self) -> bool:
        """Whether the name may lead out of the directory in which it is looked up."""
        return ".." in self.name or self.name.startswith("/")


def includes_in(content: bytes) -> list[Include]:
    """All files that a file may include, whatever the conditions; also those named in comments."""
    names = _INCLUDE.findall(content)
    if b"%:" in content:
        names += _DIGRAPH.findall(content)
    if b"__has_" in content:
        names += _ASKED_FOR.findall(content)
    return [
        Include("" if computed else os.fsdecode(angled or quoted), bool(quoted))
        for angled, quoted, computed in names
    ]

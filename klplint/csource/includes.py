"""What a file includes, by its text: all ways in which C lets one write that."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

# What may stand between the words of a directive.
_RARE = rb"(?:[\f\v]|/\*(?:[^*]|\*(?!/))*\*/|\\[ \t]*\r?\n)"
_SPACE = rb"[ \t]*(?:" + _RARE + rb"[ \t]*)*"
_NAME = rb'(?:<([^>\n]+)>|"([^"\n]+)"|(\S))'
_WORDS = rb"(?:include(?:_next)?|import|embed)\b"
# Apart, for what begins with a letter is found many times as fast.
_INCLUDE = re.compile(rb"#" + _SPACE + _WORDS + _SPACE + _NAME)
_DIGRAPH = re.compile(rb"%:" + _SPACE + _WORDS + _SPACE + _NAME)
_ASKED_FOR = re.compile(rb"__has_(?:include(?:_next)?|embed)" + _SPACE + rb"\(" + _SPACE + _NAME)


class Include(NamedTuple):
    """One file that is included, or asked for; the `name` is empty where a macro gives it."""

    name: str
    is_quoted: bool

    @property
    def leads_out(self) -> bool:
        """Whether it may lie elsewhere than in a folder of the include path, or below it."""
        return ".." in self.name or self.name.startswith("/")


def includes_in(content: bytes) -> list[Include]:
    """All that a file may include, under whatever condition; in comments, too."""
    found = _INCLUDE.findall(content)
    if b"%:" in content:
        found += _DIGRAPH.findall(content)
    if b"__has_" in content:
        found += _ASKED_FOR.findall(content)
    return [
        Include("" if computed else os.fsdecode(angled or quoted), bool(quoted))
        for angled, quoted, computed in found
    ]

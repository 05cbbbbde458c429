"""What a file includes, in all ways in which C can say so."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

# What may stand between the words of a directive, where no backslash joins its lines.
_RARE = rb"(?:[\f\v]|/\*(?:[^*]|\*(?!/))*\*/|\\[ \t]*\r?\n)"
_SPACE = rb"[ \t]*(?:" + _RARE + rb"[ \t]*)*"
_NAME = rb'(?:<([^>\n]+)>|"([^"\n]+)"|(\S))'
_WORDS = rb"(include_next|include|import|embed)\b"
# Two patterns, because re finds one that begins with a literal many times as fast.
_INCLUDE = re.compile(rb"#" + _SPACE + _WORDS + _SPACE + _NAME)
_DIGRAPH = re.compile(rb"%:" + _SPACE + _WORDS + _SPACE + _NAME)
_ASKING = rb"__has_(include_next|include|embed)" + _SPACE + rb"\(" + _SPACE
_ASKED_FOR = re.compile(_ASKING + _NAME)
_RARE_PATTERNS = ((b"%:", _DIGRAPH), (b"__has_", _ASKED_FOR))
# A directive that names a macro, in code without comments.
_COMPUTED = re.compile(
    rb"(?:\A(?:\xef\xbb\xbf)?|(?<=[\n\r]))[\0 \t\f\v]*(?:#|%:)"
    + _SPACE
    + _WORDS
    + _SPACE
    + rb"[^\s<\"]"
)
_ASKED_FOR_COMPUTED = re.compile(_ASKING + rb"[^\s<\"]")
# The start of the word of such a directive, or all of it and more, with a backslash behind.
_SPLIT = re.compile(rb"#(?:/\*|[ \t]*(?:[a-z_]{0,11}|include[^\n]*)\\\n)")
_STRING = rb'"(?:\\.|[^"\\\n])*"'
# A comment, or what may look like the start of one: a literal, the name of a header.
_COMMENT = re.compile(
    rb"(//[^\n]*|/\*.*?(?:\*/|\Z))|" + _STRING + rb"|'(?:\\.|[^'\\\n])*'|<[^<>\n]*>", re.DOTALL
)
# Spaces, comments and directives without comments, then an include.
_FIRST_INCLUDE = re.compile(
    rb"(?>\s+|//(?>[^\n\\]+|\\\n?)*\n|/\*(?>.*?\*/)"
    rb"|#[ \t]*(?!include)[a-z]+\b(?>[^\n\"'/\\]+|\\\n?|/(?![/*\\])|" + _STRING + rb")*\n)*"
    rb"#[ \t]*include[ \t]*[<\"]",
    re.DOTALL,
)


class Include(NamedTuple):
    """A file that another one includes, or looks for with __has_include."""

    name: str
    """The name as written; empty if a macro gives it."""
    is_quoted: bool
    """Whether it is written in quotes, not in angle brackets."""
    is_next: bool = False
    """Whether the search starts behind the directory of the including file."""

    @property
    def leads_out(self) -> bool:
        """Whether the name may lead out of the directory in which it is looked up."""
        return ".." in self.name or self.name.startswith("/")


def includes_in(content: bytes) -> list[Include]:
    """All files that a file may include, whatever the conditions; also those named in comments.

    A macro in place of a name counts only in code.
    """
    rare = [pattern for start, pattern in _RARE_PATTERNS if start in content]
    if b"\\\n" in content and (rare or _SPLIT.search(content)):
        content = content.replace(b"\\\n", b"")
    matches = [match for pattern in (_INCLUDE, *rare) for match in pattern.findall(content)]
    includes = [
        Include(os.fsdecode(angled or quoted), bool(quoted), b"_" in word)
        for word, angled, quoted, computed in matches
        if not computed
    ]
    if len(includes) < len(matches):
        code = _COMMENT.sub(lambda match: b" " if match[1] else match[0], content)
        if _COMPUTED.search(code) or _ASKED_FOR_COMPUTED.search(code):
            includes.append(Include("", is_quoted=False))
    return includes


def begins_with_include(content: bytes) -> bool:
    """Whether an include comes before any code. False where that is not plain."""
    return _FIRST_INCLUDE.match(content) is not None

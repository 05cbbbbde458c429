"""The names that a function declares, and the structures that they point to, by tokens."""

from __future__ import annotations

import re

from klplint.csource.brackets import closing
from klplint.csource.steps import Step

KEYWORDS = frozenset(
    [
        "return",
        "goto",
        "else",
        "case",
        "default",
        "if",
        "while",
        "for",
        "do",
        "switch",
        "break",
        "continue",
        "sizeof",
        "typeof",
        "struct",
        "union",
        "enum",
        "const",
        "volatile",
        "static",
        "register",
        "unsigned",
        "signed",
        "long",
        "short",
        "int",
        "char",
        "void",
        "bool",
        "inline",
        "extern",
        "float",
        "double",
        "true",
        "false",
        "NULL",
        "__typeof__",
        "__always_inline",
    ]
)
"""Words that are not names of objects."""
# A type and what is declared with it. Words are taken whole, which keeps the search linear.
_DECLARATION = re.compile(
    r"\s*+\(?\s*+((?:[A-Za-z_]\w*+[\s*]++)+)(?=[A-Za-z_]\w*+\s*+(?:[=;,\[:)]|\Z))"
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_TYPES = frozenset(
    [
        "int",
        "char",
        "bool",
        "long",
        "short",
        "unsigned",
        "signed",
        "float",
        "double",
        "void",
        "_Bool",
    ]
)
_QUALIFIERS = frozenset(["const", "volatile", "static", "register", "extern"])
_POINTER_PARAMETER = re.compile(r"\(\s*\*\s*([A-Za-z_]\w*)")
_TAGGED = re.compile(
    r"\b(?:struct|union)\s+([A-Za-z_]\w*)\s*(?:const\s*)?[*\s]\s*\**\s*(?:__\w+\s+)?"
    r"([A-Za-z_]\w*)"
)
# Only where a word begins: to try it at each of its letters takes many times as long.
_LAST_NAME = re.compile(r"([A-Za-z_](?<![A-Za-z_].)\w*+)\s*+(?:\[[^\]]*\]\s*)*\Z")
_FIRST_NAME = re.compile(r"\s*(?:\*\s*|const\s+|__\w+\s+)*([A-Za-z_]\w*)")
_BRACKET_OR_COMMA = re.compile(r"[()\[\]{},]")
_STEPS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


class Names:
    """The local names of a function, each with the tag of its structure, "" where it has none."""

    def __init__(self, head: str) -> None:
        """`head` is the text of the definition before the body."""
        self.tags: dict[str, str] = {}
        opening = head.find("(")
        close = closing(head, opening + 1) or len(head) + 1
        for part in parts(head[opening + 1 : close - 1]) if opening >= 0 else ():
            name = _POINTER_PARAMETER.search(part) or _LAST_NAME.search(part.rstrip())
            if name:
                self.tags.setdefault(name[1], "")
        for tag, name in _TAGGED.findall(head):
            self.tags[name] = tag

    def declare(self, text: str, step: Step) -> int:
        """Note what a step declares; the offset behind the type, or of the step if it does not."""
        match = _DECLARATION.match(text, step.start, step.end)
        if match is None:
            return step.start
        words = [w for w in _WORD.findall(match[1]) if w not in _QUALIFIERS]
        words = [w for w in words[:-1] if w[:2] != "__"] + words[-1:]
        tag = ""
        if len(words) > 1 and words[0] in ("struct", "union"):
            tag = words[1]
        elif not words or (words[0] in KEYWORDS - _TYPES and words[0] != "enum"):
            return step.start
        for part in parts(text[match.end() : step.end]):
            name = _FIRST_NAME.match(part)
            if name:
                self.tags[name[1]] = tag
        return match.end()


def parts(text: str) -> list[str]:
    """The parts of a text between the commas that are not in brackets."""
    if "," not in text:
        return [text]
    pieces, depth, last = list[str](), 0, 0
    for match in _BRACKET_OR_COMMA.finditer(text):
        if match[0] == "," and depth == 0:
            pieces.append(text[last : match.start()])
            last = match.end()
        else:
            depth += _STEPS.get(match[0], 0)
    return [*pieces, text[last:]]

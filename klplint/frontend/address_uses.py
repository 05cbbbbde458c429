"""Where the address of a function goes, by the tokens around its name.

This helps people: a message can say "passed to foo()". Whatever is not plainly written is
`other`. Only brackets, operators and the words before them count.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.csource.brackets import closing, outward
from klplint.facts.file_facts import Reference

# How far back an initialiser may begin; tables are long, but not endless.
_FARTHEST = 20_000
_LONGEST_OPERATOR = 40
_WORD_BEFORE = re.compile(r"([A-Za-z_]\w*)\s*$")
_OPERATORS = r"[^=!<>+\-*/%&|^]"
_ASSIGNMENT = re.compile(rf"(.*{_OPERATORS})=[^=]*", re.DOTALL)
# Casts and parentheses before an operand, with `&` and `*`.
_CASTS = r"(?:\(\s*[A-Za-z_][\w\s]*[*\s]*\)|[\s(&*])*"
_COMPARED_BEFORE = re.compile(rf"(?:[=!]=|!|(?<![<-])>=?|(?<!<)<=?){_CASTS}$|(?:&&|\|\|)[\s(]*$")
_COMPARED_BEHIND = re.compile(r"\s*(?:==|!=|&&|\|\||>(?!>)|<(?!<)|\?(?!\s*:))")
_ASM = re.compile(r"\b(?:asm|__asm__|__asm|asm_inline)(?:\s+(?:\w+\s*)+)?\s*$")
_DISCARDED = re.compile(r"\(\s*void\s*\)[\s(&*]*$")
_WHOLE_STATEMENT = re.compile(r"\s*;(?!\s*\}\s*\))")
# The last name on the left of `=`: `ops->switch`, `table[i]`, `(*fn)(struct task_struct *)`.
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\])*\s*\)\s*\(")
_TARGET = re.compile(r"((?:\.\s*)?[A-Za-z_][\w\s.>-]*?)\s*(?:\[[^\]]*\]\s*)*$")
_LAST_WORDS = re.compile(r"(?:[A-Za-z_]\w*\s*(?:->|\.)\s*|\.\s*)*[A-Za-z_]\w*$")
_UNEVALUATED = frozenset(
    {"sizeof", "typeof", "__typeof__", "__typeof", "typeof_unqual", "_Alignof", "__alignof__"}
)
_GENERIC = "_Generic"  # it does not evaluate its first operand
_TESTING = frozenset({"if", "while", "for", "switch"})
_STATEMENT_WORDS = frozenset({"return", "else", "do", "case", "goto"})


def is_unevaluated(text: str, start: int) -> bool:
    """Whether what begins at `start` is within the operand of sizeof, typeof or the like."""
    word = _WORD_BEFORE.search(text, max(0, start - _LONGEST_OPERATOR), start)
    if word and word[1] in _UNEVALUATED:
        return True
    for place in outward(text, start, max(0, start - _FARTHEST)):
        if text[place] in ";{}":
            return False
        word = _WORD_BEFORE.search(text, max(0, place - _LONGEST_OPERATOR), place)
        if text[place] == "(" and word and word[1] in _UNEVALUATED:
            return True
    return False


def is_assembly(text: str, start: int) -> bool:
    """Whether what is at `start` is in the parentheses of `asm`."""
    for place in outward(text, start, max(0, start - _FARTHEST)):
        if text[place] in ";{}":
            return False
        if text[place] == "(" and _ASM.search(text, max(0, place - _LONGEST_OPERATOR), place):
            return True
    return False


class _Before(NamedTuple):
    """The text before an offset, back to the bracket that is open there."""

    text: str
    start: int
    """Where the text starts; that of the bracket, if there is one."""
    bracket: str
    """The open bracket; empty where a statement begins first."""


def how_taken(text: str, start: int, end: int, first: int = 0) -> Reference:
    """Where the name at text[start:end] goes.

    `text` is without comments, literals and directives; text[:first] is not looked at.
    """
    if re.search(r"(?:->|\.)\s*$", text[max(first, start - 200) : start]):
        return Reference("member")
    first = max(first, start - _FARTHEST)
    while True:
        before = _before(text, start, first)
        behind = text[end : end + 200]
        is_first = before.bracket in ("", "{") and not before.text.strip("&*( \t\r\n")
        if is_first and before.start > first and _WHOLE_STATEMENT.match(behind):
            return Reference("discarded")
        reference = _by_operators(before.text, behind)
        if reference is not None:
            return reference
        if before.bracket == "{":
            return _in_braces(text, before.start, first)
        if before.bracket != "(":
            return Reference("other")
        word = _WORD_BEFORE.search(text, first, before.start)
        if word and word[1] not in _STATEMENT_WORDS:
            is_selector = word[1] == _GENERIC and before.start + len(before.text) + 1 == start
            return Reference("unevaluated") if is_selector else _in_call(word[1])
        start = before.start  # parentheses that only group: what is around them?
        end = closing(text, end, end + _FARTHEST) or end


def _before(text: str, start: int, first: int) -> _Before:
    """The text from the bracket that is open at `start`, or the statement's beginning, to there.

    If there is a comma in it, the text begins behind the last one: before it are other operands.
    """
    begin = None
    for place in outward(text, start, first):
        char = text[place]
        if char in "([{":
            return _Before(text[(begin or place + 1) : start], place, char)
        if char == ";":
            return _Before(text[(begin or place + 1) : start], place, "")
        if char == "}" and begin is None and _ends_statement(text, place):
            return _Before(text[place + 1 : start], place + 1, "")
        if char == "," and begin is None:
            begin = place + 1
    return _Before(text[(first if begin is None else begin) : start], first, "")


def _ends_statement(text: str, brace: int) -> bool:
    """Whether a closing brace ends a block or a function, and not an initialiser's element."""
    return not re.match(r"\s*[,}\])=]", text[brace + 1 : brace + 100])


def _by_operators(before: str, behind: str) -> Reference | None:
    """Where a name goes by the operators next to it; None where the brackets around it decide."""
    if _COMPARED_BEFORE.search(before) or _COMPARED_BEHIND.match(behind):
        return Reference("compared")
    if _DISCARDED.search(before):
        return Reference("discarded")
    assigned = _ASSIGNMENT.fullmatch(before)
    if assigned:
        return Reference("assigned", _target(assigned[1]))
    if re.search(r"\breturn\b", before):
        return Reference("returned")
    unevaluated = re.search(r"\b(\w+)\s*$", before)
    if unevaluated and unevaluated[1] in _UNEVALUATED:
        return Reference("unevaluated")
    return Reference("other") if re.search(r"[?:]", before) else None


def _target(left: str) -> str:
    """The variable or member on the left of `=`, as a message names it; "" if it is not plain."""
    pointer = _POINTER.search(left)
    if pointer:
        return pointer[1]
    target = _TARGET.search(left.rstrip())
    words = _LAST_WORDS.search(target[1].strip()) if target else None
    return "".join(words[0].split()).lstrip(".") if words else ""


def _in_call(word: str) -> Reference:
    if word in _UNEVALUATED:
        return Reference("unevaluated")
    return Reference("compared") if word in _TESTING else Reference("argument", word)


def _in_braces(text: str, brace: int, first: int) -> Reference:
    """An element of an initialiser, or a whole statement.

    An initialiser may be within others: what counts is the variable that the outermost one sets.
    """
    while True:
        before = _before(text, brace, first)
        assigned = _ASSIGNMENT.fullmatch(before.text)
        if assigned:
            return Reference("initialiser", _target(assigned[1]))
        if before.bracket != "{":
            return Reference("other")
        brace = before.start

"""Where a file hands a function over to what will run it, and where it calls it, by tokens.

A function is handed over as the argument of a call, or by being stored in a member of a
structure. One that is stored in a variable, a table or a member first is followed from there to
the calls of the same file that get it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from klplint.csource.brackets import outward
from klplint.csource.lexer import Span
from klplint.csource.outline import Outline, Use
from klplint.facts.queries import Definition, Mention

_LONGEST_CALL = 1000
# How far back an initialiser may begin; tables are long, but not endless.
_LONGEST_TABLE = 20_000
# The most uses of a variable or member that are followed from one place.
_MOST_USES = 50
_OPERATORS = r"[^=!<>+\-*/%&|^]"
_ASSIGNED = re.compile(rf"(.*{_OPERATORS}|\s*)=(?!=)[^=]*", re.DOTALL)
_COMPARED = re.compile(r"[=!]=[\s(&*]*$")
_WORD_BEFORE = re.compile(r"\b([A-Za-z_]\w*)\s*$")
_KEYWORDS = frozenset(
    {"if", "while", "for", "switch", "return", "sizeof", "typeof", "__typeof__", "else", "case"}
)
_POINTER = re.compile(r"\(\s*\*\s*(?:const\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*\)\s*\(")
_MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)\s*$")
_VARIABLE = re.compile(r"([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*$")
# A member of a plain variable, or of an element of an array: `timer->function`, `all[i].run`.
_OWNER = re.compile(r"(?<![\w.>\])])\s*([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?(?:->|\.)\s*\w+[)\s]*$")
_TAG_FOLLOWS = re.compile(r"\b(?:struct|union|enum)\s+$")
_LONGEST_TAG = 20
_INDEX = re.compile(r"\s*\[[^\]]*\]\s*$")
_TAG = re.compile(r"\b(?:struct|union)\s+([A-Za-z_]\w*)")
_TYPE_NAME = re.compile(r"([A-Za-z_]\w*)\s*\*?\s*[A-Za-z_]\w*\s*(?:\[[^\]]*\]\s*)*$")
_LITERAL = re.compile(r"\(\s*(?:const\s+)?(?:struct\s+)?([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)?\)\s*$")


class _Around(NamedTuple):
    """The text before an offset, back to the bracket that is open there."""

    text: str
    """It begins behind the last comma, if there is one."""
    place: int
    """Where the bracket is, or where the statement begins."""
    bracket: str
    """The open bracket; empty where a statement begins first."""


class _Stored(NamedTuple):
    """Where a function is stored: in a variable, which may be a table, or in a member."""

    name: str
    structure: str | None
    """The tag of a member's structure, "" where it is not plain; None for a variable."""


def handed_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """Where a file hands the function `name` over: to a call, or to a member of a structure.

    Each is a use whose one mention is that call, or the member with the function as its argument.
    """
    source = outline.source
    for match in re.finditer(rf"(?<![\w.>])\b{re.escape(name)}\b(?!\s*\()", source.skeleton):
        before = source.skeleton[max(0, match.start() - _LONGEST_TAG) : match.start()]
        if _TAG_FOLLOWS.search(before):
            continue
        region = source.region(*match.span())
        for receiver in _receivers(outline, match, name):
            yield Definition(kind="use", name=name, path=path, region=region, calls=(receiver,))


def calls_in(outline: Outline, path: str, name: str) -> Iterator[Definition]:
    """The calls of the function `name` in a file that does not define it: uses with one mention."""
    if any(body.name == name for body in outline.bodies):
        return  # the file means its own function
    source = outline.source
    for match in re.finditer(rf"(?<![\w.>])\b{re.escape(name)}\b(?=\s*\()", source.skeleton):
        use = outline.use_at(match.start())
        is_code = outline.body_at(match.start()) or outline.macro_at(match.start())
        if use and use.arguments is not None and is_code:
            call = _mention(outline, use, outline.argument_texts(use))
            yield Definition(kind="use", name=name, path=path, region=call.region, calls=(call,))


def _receivers(outline: Outline, match: re.Match[str], name: str) -> Iterator[Mention]:
    """What gets the function at a match: a call, a member, or the calls that get these."""
    start = match.start()
    if _COMPARED.search(outline.source.skeleton, max(0, start - _LONGEST_CALL), start):
        return
    stored = _stored_in(outline, start)
    if stored is None:
        use = _call_around(outline, start)
        if use:
            yield _mention(outline, use, outline.argument_texts(use))
        return
    if stored.structure is not None:
        region = outline.source.region(*match.span())
        yield Mention(stored.name, region, (name,), structure=stored.structure)
    yield from _calls_with(outline, stored, start, name)


def _around(text: str, start: int, longest: int) -> _Around:
    begin, first = None, max(0, start - longest)
    for place in outward(text, start, first):
        char = text[place]
        if char in "([{":
            return _Around(text[(begin or place + 1) : start], place, char)
        if char == ";" or (char == "}" and begin is None):
            return _Around(text[(begin or place + 1) : start], place + 1, "")
        if char == "," and begin is None:
            begin = place + 1
    return _Around(text[(first if begin is None else begin) : start], first, "")


def _call_around(outline: Outline, start: int) -> Use | None:
    """The call that has the code at `start` in one of its arguments."""
    text = outline.source.skeleton
    first = start
    while first - start < _LONGEST_CALL:
        around = _around(text, first, _LONGEST_CALL)
        if around.bracket != "(":
            return None
        word = _WORD_BEFORE.search(text, max(0, around.place - _LONGEST_CALL), around.place)
        if word:
            use = None if word[1] in _KEYWORDS else outline.use_at(word.start(1))
            if use is None or use.arguments is None:
                return None
            # What declares a pointer looks like a call: `int (*run)(void *)`.
            return None if text[use.close : use.close + 10].lstrip()[:1] == "(" else use
        if around.place >= first:
            return None
        first = around.place  # parentheses that only group, or a cast
    return None


def _stored_in(outline: Outline, start: int) -> _Stored | None:
    """Where the function at `start` is stored; None where it is not."""
    text, first = outline.source.skeleton, start
    while True:
        around = _around(text, first, _LONGEST_TABLE)
        assigned = _ASSIGNED.fullmatch(around.text)
        if assigned:
            begin = first - len(around.text)
            return _target(outline, Span(begin, begin + len(assigned[1])), around)
        if around.bracket == "{":
            return _element(text, around.place)
        is_group = around.bracket == "(" and not _WORD_BEFORE.search(
            text, max(0, around.place - _LONGEST_CALL), around.place
        )
        if not is_group:
            return None
        first = around.place


def _target(outline: Outline, left: Span, around: _Around) -> _Stored | None:
    """What the left side of an assignment, or a designator of an initialiser, names."""
    text = outline.source.skeleton
    target = text[left.start : left.end]
    if pointer := _POINTER.search(target):
        return _Stored(pointer[1], None)
    if _INDEX.fullmatch(target):
        return _element(text, around.place) if around.bracket == "{" else None
    if member := _MEMBER.search(target):
        is_designator = not target[: member.start()].strip()
        if is_designator and around.bracket == "{":
            return _Stored(member[1], _structure_of(text, around.place))
        return _Stored(member[1], _owner(outline, target, left.end))
    variable = _VARIABLE.search(target)
    return _Stored(variable[1], None) if variable else None


def _owner(outline: Outline, expression: str, place: int) -> str:
    """The structure of the variable in `variable->member`; "" where it is not plain."""
    owner = _OWNER.search(expression)
    return _declared(outline, owner[1], place) if owner else ""


def _declared(outline: Outline, variable: str, place: int) -> str:
    """The structure that the variable at `place` is declared with; "" if that is not plain."""
    text, body = outline.source.skeleton, outline.body_at(place)
    declared = re.compile(
        r"\b(?:struct|union)\s+([A-Za-z_]\w*)\s+(?:const\s+)?\**\s*"
        r"(?:\w+(?:\s*=[^,;(){}]*)?\s*,\s*\**\s*)*" + re.escape(variable) + r"\b"
    )
    matches = list(declared.finditer(text, 0, place))
    for match in reversed(matches):
        first = match.start()
        is_local = body is not None and body.head <= first
        if is_local or not (outline.body_at(first) or outline.body_behind(first)):
            return match[1]
    return ""


def _structure_of(text: str, brace: int) -> str:
    """The tag of the structure, or the name of the type, whose initialiser opens at `brace`."""
    inner = False
    while True:
        around = _around(text, brace, _LONGEST_TABLE)
        literal = _LITERAL.search(around.text)
        if literal:
            return literal[1]
        assigned = _ASSIGNED.fullmatch(around.text)
        if assigned and not _INDEX.fullmatch(assigned[1]):
            is_table = "[" in assigned[1]
            return "" if inner and not is_table else _declared_type(assigned[1])
        if around.bracket != "{":
            return ""
        brace, inner = around.place, True


def _declared_type(declaration: str) -> str:
    """The tag or type name in a declaration; "" for a member, whose type is elsewhere."""
    if declaration.lstrip().startswith("."):
        return ""
    tags = _TAG.findall(declaration)
    name = _TYPE_NAME.search(declaration)
    return tags[-1] if tags else (name[1] if name else "")


def _element(text: str, brace: int) -> _Stored | None:
    """The table that has the element in the initialiser at `brace`."""
    while True:
        around = _around(text, brace, _LONGEST_TABLE)
        assigned = _ASSIGNED.fullmatch(around.text)
        if assigned and not _INDEX.fullmatch(assigned[1]):
            pointer = _POINTER.search(assigned[1])
            variable = pointer or _VARIABLE.search(assigned[1])
            return _Stored(variable[1], None) if variable else None
        if around.bracket != "{":
            return None
        brace = around.place


def _calls_with(outline: Outline, stored: _Stored, start: int, name: str) -> Iterator[Mention]:
    """The calls that get what a function is stored in, with the function as the argument."""
    text, body = outline.source.skeleton, outline.body_at(start)
    variable = re.escape(stored.name)
    if stored.structure is None:
        is_local = body and re.search(rf"\b{variable}\b", text[body.start : start]) is not None
        span = Span(body.start, body.end) if body and is_local else Span(0, len(text))
        whole = rf"[(&*\s]*{variable}\s*(?:\[[^\]]*\]\s*)*(?:\.\s*\w+)?[)\s]*"
        used = rf"(?<![\w.>]){variable}\b(?!\s*(?:\(|=[^=]))"
    else:
        span = Span(0, len(text))
        whole = rf"[\w\s\[\]().>*&-]*(?:->|\.)\s*{variable}[)\s]*"
        used = rf"(?:->|\.)\s*{variable}\b(?!\s*(?:\(|=[^=]))"
    uses = re.compile(used).finditer(text, span.start, span.end)
    for match in islice(uses, _MOST_USES):
        use = _call_around(outline, match.start())
        for place, argument in enumerate(use.arguments or () if use else ()):
            if use and argument.start <= match.start() < argument.end:
                given = outline.argument_texts(use)
                is_it = re.fullmatch(whole, given[place]) is not None
                if is_it and _fits(outline, stored, given[place], match.start()):
                    arguments = (*given[:place], name, *given[place + 1 :])
                    yield _mention(outline, use, arguments)


def _fits(outline: Outline, stored: _Stored, expression: str, place: int) -> bool:
    """Whether an expression may mean the member in which a function is stored."""
    if not stored.structure:
        return True
    return _owner(outline, expression, place) in ("", stored.structure)


def _mention(outline: Outline, use: Use, arguments: tuple[str, ...]) -> Mention:
    return Mention(use.name, outline.source.region(use.start, use.end), arguments)

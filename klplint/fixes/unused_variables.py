"""The declarations of variables that other changes leave unused, taken out of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto

from klplint.csource.expressions import canonical
from klplint.csource.lexer import Source, Span
from klplint.csource.text_edits import TextEdit
from klplint.csource.words import words_in
from klplint.findings.fix import LeftVariable

_CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:if|el)", re.MULTILINE)
_ASSIGNED = re.compile(r"\s*=(?!=)")
_STARTS_STATEMENT = re.compile(r"(?:[;{}]|\A)\s*\Z")


class Fate(Enum):
    """What becomes of a variable that stays."""

    USED = auto()
    LEFT = auto()
    """Nothing reads it, but its declaration cannot be removed plainly."""
    CONDITIONAL = auto()
    """Its scope has conditional directives: what it is elsewhere is not known."""


def fate(source: Source, change: LeftVariable, edits: Iterable[TextEdit]) -> TextEdit | Fate:
    """The edit that removes the declaration of a variable, or why it stays."""
    scope = source.span(change.scope)
    if _CONDITION.search(source.code, scope.start, scope.end):
        return Fate.CONDITIONAL
    if change.declared is None or change.is_kept:
        return Fate.USED
    made = [*edits]
    text = source.skeleton[scope.start : scope.end]
    places = (scope.start + place for place in words_in(text, change.name))
    uses = [each for each in places if not any(e.start <= each < e.end for e in made)]
    declared = source.span(change.declared)
    others = [each for each in uses if not declared.start <= each < declared.end]
    if any(not _is_assignment(source, each, change.name) for each in others):
        return Fate.USED
    name = next((each for each in uses if declared.start <= each < declared.end), None)
    if others or name is None:
        return Fate.LEFT
    return _removal(source, change, name, made) or Fate.LEFT


def _is_assignment(source: Source, place: int, name: str) -> bool:
    """Whether a statement begins that sets the variable."""
    behind = _ASSIGNED.match(source.skeleton, place + len(name))
    return bool(behind and _STARTS_STATEMENT.search(source.statements[:place]))


def _removal(
    source: Source, change: LeftVariable, name: int, made: Sequence[TextEdit]
) -> TextEdit | None:
    """The edit that removes a declaration of this variable alone, on lines without a comment."""
    text = source.statements
    start = max(text.rfind(sign, 0, name) for sign in ";{}") + 1
    end = text.find(";", name) + 1
    declaration = re.fullmatch(
        rf"\s*[\w \t]+?[\w*]\s*\*?\s*(?:const\s+)?{re.escape(change.name)}\s*(?:=([^,=;]*))?;",
        text[start:end],
    )
    if declaration is None or (declaration[1] and not _is_plain(declaration[1], change.values)):
        return None
    first = source.position(start + len(text[start:end]) - len(text[start:end].lstrip()))[0]
    span = Span(source.offset(first, 1), source.offset(source.position(end - 1)[0] + 1, 1))
    is_alone = (
        not source.text[span.start : start].strip()
        and source.text[span.start : span.end].strip() == text[start:end].strip()
    )
    above = source.comment_at(len(source.text[: span.start].rstrip()) - 1)
    if not is_alone or above is not None:
        return None
    return TextEdit(span.start, _behind_blank_line(source, span, made), "")


def _is_plain(value: str, values: Iterable[str]) -> bool:
    return canonical(value) in map(canonical, values)


def _behind_blank_line(source: Source, declaration: Span, made: Sequence[TextEdit]) -> int:
    """The end of a declaration, with the blank line behind it if no other one stays before it."""
    start = declaration.start
    for edit in reversed(made):
        start = edit.start if edit.end == start and not edit.text else start
    line = source.position(declaration.end)[0]
    end = source.offset(line + 1, 1)
    is_only = source.text[:start].rstrip().endswith("{")
    is_blank = declaration.end < end and not source.text[declaration.end : end].strip()
    return end if is_only and is_blank else declaration.end

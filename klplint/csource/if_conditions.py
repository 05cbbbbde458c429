"""The #if conditions around a place in a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from klplint.csource.lexer import Directive, Source


@dataclass(frozen=True)
class Condition:
    """What has to hold at the directive at offset `at`: `text` true, or not, as `wanted` says.

    `negated` is set for #ifndef, whose arm is open where its text, `defined(X)`, is false.
    """

    text: str
    wanted: bool
    at: int
    negated: bool = False

    @property
    def arm_is_taken(self) -> bool:
        """Whether the directive's own arm is the one that has to be open."""
        return self.wanted != self.negated

    def __str__(self) -> str:
        return self.text if self.wanted else f"!({self.text})"


@dataclass
class _Open:
    """An #if group being read: its arms so far, and the one that is open."""

    excluded: list[Condition] = field(default_factory=list)
    current: Condition | None = None


def conditions_at(source: Source, offset: int) -> tuple[Condition, ...]:
    """What has to hold for `offset` to be compiled, outermost first."""
    stack: list[_Open] = []
    for directive in source.directives:
        if directive.start >= offset:
            break
        if directive.keyword in ("if", "ifdef", "ifndef"):
            stack.append(_Open(current=_of(directive)))
        elif directive.keyword in ("elif", "else", "elifdef", "elifndef") and stack:
            group = stack[-1]
            if group.current:
                group.excluded.append(replace(group.current, wanted=not group.current.wanted))
            group.current = None if directive.keyword == "else" else _of(directive)
        elif directive.keyword == "endif" and stack:
            stack.pop()
    found = [c for group in stack for c in (*group.excluded, group.current) if c is not None]
    return tuple(found)


def _of(directive: Directive) -> Condition:
    text = " ".join(directive.rest.replace("\\\n", " ").replace("\\\r\n", " ").split())
    if directive.keyword in ("ifdef", "ifndef", "elifdef", "elifndef"):
        name = text.split()[0] if text else ""
        negated = directive.keyword.endswith("ndef")
        return Condition(f"defined({name})", not negated, directive.start, negated)
    return Condition(text, True, directive.start)


def is_dead(conditions: tuple[Condition, ...]) -> bool:
    """Whether a place is disabled by a plain `#if 0` or the `#else` of an `#if 1`."""
    return any(
        condition.text.strip("() ") == ("0" if condition.wanted else "1")
        for condition in conditions
    )


def guards_of(source: Source) -> dict[int, str]:
    """The header guards of a source, `#ifndef X` with `#define X` behind it: X by their places."""
    found = {}
    for first, second in pairwise(source.directives):
        name = first.rest.split()[:1]
        opens = first.keyword == "ifndef" and second.keyword == "define"
        if opens and name and second.rest.split()[:1] == name:
            found[first.start] = name[0]
    return found

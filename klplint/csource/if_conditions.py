"""The #if conditions under which a place in a file is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from klplint.csource.lexer import Directive, Source


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition of a directive, and whether it has to be true or false."""

    text: str
    """The expression; of #ifdef and #ifndef X `defined(X)`."""
    wanted: bool
    """Whether it has to be true."""
    at: int
    """The offset of the directive."""
    negated: bool = False
    """Whether the directive is #ifndef or #elifndef, whose arm is open if `text` is false."""

    @property
    def arm_is_taken(self) -> bool:
        """Whether the arm behind the directive is the one that has to be open."""
        return self.wanted != self.negated

    def __str__(self) -> str:
        return self.text if self.wanted else f"!({self.text})"


@dataclass
class _Open:
    """An #if whose #endif has not come yet."""

    excluded: list[Condition] = field(default_factory=list)
    """What has to hold for its earlier arms not to be taken."""
    current: Condition | None = None
    """What has to hold for its present arm; None in the arm of #else."""


def conditions_at(source: Source, offset: int) -> tuple[Condition, ...]:
    """The conditions under which `offset` is compiled, the outermost first."""
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
    return tuple(c for group in stack for c in (*group.excluded, group.current) if c is not None)


def _of(directive: Directive) -> Condition:
    """The condition under which the arm behind a directive is compiled."""
    text = " ".join(directive.rest.replace("\\\n", " ").replace("\\\r\n", " ").split())
    if directive.keyword in ("ifdef", "ifndef", "elifdef", "elifndef"):
        name = text.split()[0] if text else ""
        negated = directive.keyword.endswith("ndef")
        return Condition(
            text=f"defined({name})", wanted=not negated, at=directive.start, negated=negated
        )
    return Condition(text=text, wanted=True, at=directive.start)


def is_dead(conditions: tuple[Condition, ...]) -> bool:
    """Whether a place is disabled by a plain `#if 0`, or by the `#else` of an `#if 1`."""
    return any(
        condition.text.strip("() ") == ("0" if condition.wanted else "1")
        for condition in conditions
    )


def guards_of(source: Source) -> dict[int, str]:
    """The header guards X of a source, by the offsets of `#ifndef X`; `#define X` has to follow."""
    guards = {}
    for first, second in pairwise(source.directives):
        name = first.rest.split()[:1]
        opens = first.keyword == "ifndef" and second.keyword == "define"
        if opens and name and second.rest.split()[:1] == name:
            guards[first.start] = name[0]
    return guards

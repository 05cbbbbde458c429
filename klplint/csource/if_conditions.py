"""The #if conditions under which a place in a file is compiled."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, pairwise

from klplint.csource.lexer import Directive, Source

# An expression without comparisons and without the negation of more than a name.
_PLAIN = re.compile(r"(?:!(?!\s*\()|[\w\s()&|])*")


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
class _Group:
    """An #if and what goes on with it."""

    at: int
    """The offset of the #if."""
    outside: _Arm | None
    """The arm that the #if is in."""
    excluded: list[Condition] = field(default_factory=list)
    """What has to hold for its arms not to be taken; each arm excludes those before it."""


@dataclass(frozen=True)
class _Arm:
    """An arm of an #if: the code between two of its directives."""

    group: _Group
    excluded: int
    """How many of the group's arms come before it."""
    current: Condition | None
    """What has to hold for it; None for #else."""

    def conditions(self) -> list[Condition]:
        """What has to hold for this arm alone."""
        excluded = self.group.excluded[: self.excluded]
        return excluded if self.current is None else [*excluded, self.current]


def conditions_at(source: Source, offset: int) -> tuple[Condition, ...]:
    """The conditions under which `offset` is compiled, the outermost first."""
    around = _arms_around(source, offset)
    return tuple(chain.from_iterable(each.conditions() for each in reversed(around)))


def arms_at(source: Source, offset: int) -> dict[int, int]:
    """The number of the arm that holds `offset`, by the offset of each #if around it.

    Two places that have the same #if with other numbers are never compiled together.
    """
    return {arm.group.at: arm.excluded for arm in _arms_around(source, offset)}


def _arms_around(source: Source, offset: int) -> list[_Arm]:
    """The arms that hold `offset`, the innermost first."""
    starts, arms = _arms_of(source)
    place = bisect_left(starts, offset) - 1
    arm = arms[place] if place >= 0 else None
    around: list[_Arm] = []
    while arm is not None:
        around.append(arm)
        arm = arm.group.outside
    return around


# One file is looked at at a time; macros are expanded as sources of their own.
@lru_cache(maxsize=16)
def _arms_of(source: Source) -> tuple[list[int], list[_Arm | None]]:
    """Where conditional directives begin, and the innermost arm behind each."""
    starts: list[int] = []
    arms: list[_Arm | None] = []
    arm: _Arm | None = None
    for directive in source.directives:
        if directive.keyword in ("if", "ifdef", "ifndef"):
            arm = _Arm(_Group(directive.start, arm), 0, _of(directive))
        elif directive.keyword in ("elif", "else", "elifdef", "elifndef") and arm:
            if arm.current:
                negated = replace(arm.current, wanted=not arm.current.wanted)
                arm.group.excluded.append(negated)
            current = None if directive.keyword == "else" else _of(directive)
            arm = _Arm(arm.group, len(arm.group.excluded), current)
        elif directive.keyword == "endif" and arm:
            arm = arm.group.outside
        else:
            continue
        starts.append(directive.start)
        arms.append(arm)
    return starts, arms


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
    """Whether a place is disabled by `#if 0`, `#if 0 && X`, or the `#else` of an `#if 1`."""
    return any(
        _is_always(condition.text, "0", "&&", "||")
        if condition.wanted
        else _is_always(condition.text, "1", "||", "&&")
        for condition in conditions
    )


def _is_always(text: str, number: str, operator: str, other: str) -> bool:
    """Whether an expression is a number, or has it as an operand that decides it."""
    return (other not in text and _PLAIN.fullmatch(text) is not None) and any(
        operand.strip("() ") == number for operand in text.split(operator)
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

"""The plain conditions under which code is run, so that two tests of the same one go together.

`if (shared) lock();` and, later, `if (shared) unlock();` are balanced. A condition is plain if it
calls and changes nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from klplint.csource.brackets import closing
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Block,
    Call,
    Event,
    If,
    Loop,
    Simple,
    Statement,
    Store,
    Switch,
)

# The innermost conditions around a call that count: it keeps long chains of `else if` linear.
_MOST_NESTED = 8
_HINT = re.compile(r"(?:un)?likely\s*\(")
_NEGATED = re.compile(r"!(?:[\w.\[\]]|->)+")
_HINTS = frozenset({"likely", "unlikely"})


class Condition(NamedTuple):
    """A plain condition, and whether it is true."""

    text: str
    holds: bool

    @property
    def negated(self) -> Condition:
        """The same condition where it is false, if this one is true."""
        return Condition(self.text, not self.holds)


def condition_of(statement: If) -> Condition | None:
    """The condition of a branch where it is true; None if it is not plain."""
    for event in statement.condition.events:
        if not (isinstance(event, Call) and event.name in _HINTS):
            return None
    text, holds = "".join(statement.condition_text.split()), True
    while True:
        hint = _HINT.match(text)
        opening = hint.end() if hint else 1
        if (hint or text.startswith("(")) and closing(text, opening) == len(text):
            text = text[opening:-1]
        elif _NEGATED.fullmatch(text) or (text[:2] == "!(" and closing(text, 2) == len(text)):
            text, holds = text[1:], not holds
        else:
            return Condition(text, holds) if text else None


def conditions_of_calls(body: Block) -> dict[Region, frozenset[Condition]]:
    """The plain conditions under which each call is made; those around a loop do not count."""
    conditions: dict[Region, frozenset[Condition]] = {}
    pending: list[tuple[Statement | None, tuple[Condition, ...]]] = [(body, ())]
    while pending:
        statement, under = pending.pop()
        match statement:
            case Simple():
                calls = [event for event in statement.events if isinstance(event, Call)]
                if under:
                    conditions.update({call.region: frozenset(under) for call in calls})
            case Block():
                pending.extend((inner, under) for inner in statement.statements)
            case If():
                condition = condition_of(statement)
                then, otherwise = under, under
                if condition:
                    then = (*under, condition)[-_MOST_NESTED:]
                    otherwise = (*under, condition.negated)[-_MOST_NESTED:]
                pending += [(statement.then, then), (statement.otherwise, otherwise)]
            case Loop():
                pending.append((statement.body, ()))
            case Switch():
                pending.append((statement.body, under))
    return conditions


def is_changed(condition: Condition, event: Event) -> bool:
    """Whether an event may change whether a condition is true."""
    match event:
        case Assign():
            name = event.target
        case Store():
            name = event.member
        case AddressTaken():
            name = event.variable
        case _:
            return False
    return re.search(rf"\b{re.escape(name)}\b", condition.text) is not None

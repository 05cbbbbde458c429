"""Calls that may fail to take a lock, and what the code does with their results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from klplint.csource.brackets import closing
from klplint.facts.region import Region
from klplint.facts.statements import Block, Call, If, Loop, Simple, Statement, Switch, walk

# What follows or precedes a call and negates it; `!likely(call` negates it, too.
_ZERO = re.compile(r"\s*(?:==\s*(?:0|false)|!=\s*(?:1|true))\b")
_OPERATOR = re.compile(r"!=|[^\w\s]")
_CALLED = re.compile(r"\s*\(")
_GROUP_ENDS = re.compile(r"\s*\)")
_ASSIGNED = re.compile(r"\s*=(?!=)")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
# What may be before a call whose result the whole expression has: `(!!likely(call`, `a && call`.
_BEFORE = re.compile(r"(?:.*(?:&&|\|\|))?(?:[\s(!]|\b(?:un)?likely\s*\()*", re.DOTALL)
_LONGEST = 1000


class Tried(NamedTuple):
    """A call in a value that is true only if the call succeeded, or only if it failed."""

    name: str
    object: str
    """The first argument, as written."""


def tried_in(value: str) -> Iterator[Tried]:
    """The calls whose result a value has: `trylock(&lock)`, `ready && trylock(&lock)`."""
    if "?" in value or len(value) > _LONGEST:
        return
    for call in _CALL.finditer(value):
        end = closing(value, call.end())
        if end is None or not _BEFORE.fullmatch(value, 0, call.start()):
            continue
        if is_negated(value, call[1]) is False:
            arguments = value[call.end() : end - 1].replace(" ", "")
            yield Tried(call[1], arguments.partition(",")[0])


def calls_without_result(body: Block) -> frozenset[Region]:
    """The calls in statements that are nothing but calls: nobody asks for their results.

    `WARN_ON(!trylock(&lock));` goes on whatever the result is.
    """
    calls = set[Region]()
    for statement in walk(body):
        for inner in _directly_in(statement):
            if isinstance(inner, Simple) and all(isinstance(e, Call) for e in inner.events):
                calls.update(event.region for event in inner.events)
    return frozenset(calls)


def _directly_in(statement: Statement) -> tuple[Statement | None, ...]:
    """The statements in a statement, without its conditions and values."""
    match statement:
        case Block():
            return statement.statements
        case If():
            return statement.then, statement.otherwise
        case Loop() | Switch():
            return (statement.body,)
    return ()


def is_negated(condition: str, name: str) -> bool | None:
    """Whether a condition is true if the call or variable `name` in it is 0: `!trylock(lock)`.

    None if the condition does not contain the name.
    """
    call = re.search(rf"(?<!\w){re.escape(name)}\b", condition)
    if call is None:
        return None
    negated, around = False, []
    for match in _OPERATOR.finditer(condition, 0, call.start()):
        token = match[0]
        if token == "!":
            negated = not negated
        elif token == "(":
            around.append(negated)
            negated = False
        else:
            negated = False
            if token == ")" and around:
                around.pop()
    opening = _CALLED.match(condition, call.end())
    end = closing(condition, opening.end()) if opening else call.end()
    if _ASSIGNED.match(condition, call.end()):  # the value is that of the whole assignment
        end = (closing(condition, call.end()) or len(condition) + 1) - 1
    is_compared = end is not None and _is_compared(condition, end, len(around))
    return (around.count(True) + negated + is_compared) % 2 == 1


def _is_compared(condition: str, end: int, groups: int) -> bool:
    """Whether what ends there is compared with 0, also in parentheses: `(err = f()) == 0`."""
    for _ in range(groups + 1):
        if _ZERO.match(condition, end):
            return True
        group = _GROUP_ENDS.match(condition, end)
        if group is None:
            return False
        end = group.end()
    return False

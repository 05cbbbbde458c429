"""Which names of a function matter for the tests of the pending flag, by the texts of its code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.facts.statements import Assign, Block, If, Loop, Store, Switch, events_of, walk
from klplint.livepatch.pending_tests import names_flag

_WORD = re.compile(r"[A-Za-z_]\w*")


def conditions_in(body: Block) -> Iterator[str]:
    """The conditions of a body, and the values that are assigned in it, as written."""
    for statement in walk(body):
        if isinstance(statement, If | Loop | Switch):
            yield statement.condition_text
    yield from (value for _, value in _assignments(body))


def flag_holders(body: Block, flags: tuple[str, ...]) -> frozenset[str]:
    """The names that are tested with one of `flags`, and those whose values they may have."""
    assignments = list(_assignments(body))
    holders: set[str] = set()
    for text in conditions_in(body):
        if names_flag(text, flags):
            holders.update(_WORD.findall(text))
    pending = set(holders)
    while pending:
        sources = {
            word
            for target, value in assignments
            if not pending.isdisjoint(_WORD.findall(target))
            for word in _WORD.findall(value)
        }
        pending = sources - holders
        holders |= pending
    return frozenset(holders)


def _assignments(body: Block) -> Iterator[tuple[str, str]]:
    """The assignments of plainly written values: the target and the value."""
    for event in events_of(body):
        if isinstance(event, Assign | Store) and event.value is not None:
            yield event.target, event.value

"""What runs a function besides plain calls: kthreads, work items, timers, interrupts.

Told by the calls (and designated initialisers) that hand a function over; which these are is
data of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from klplint.csource.expressions import identifier
from klplint.facts.queries import HandedOver, Mention, Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.statements import Call
from klplint.facts.watch import Callee


class Handover(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Calls whose argument number `argument` (from 0) is a function that becomes `what`."""

    what: str
    calls: tuple[str, ...]
    argument: int


class Start(NamedTuple):
    """Where a function is handed over, and what it becomes."""

    path: str
    region: Region
    what: str


def starts_of(callee: Callee, tree: TreeFacts, handovers: tuple[Handover, ...]) -> Iterator[Start]:
    """Where a function is handed over: in its own file, and, if shared, in all of the tree."""
    own = tree.files.get(callee.path)
    for call in own.context_calls if own else ():
        yield from _starts(callee, callee.path, call, handovers)
    for use in tree.definitions(handed(callee)) if callee.shared else ():
        for mention in use.calls if use.path != callee.path else ():
            yield from _starts(callee, use.path, mention, handovers)


def handed(callee: Callee) -> Query:
    """The query where a function is handed over."""
    return HandedOver(callee.name)


def _starts(
    callee: Callee, path: str, call: Call | Mention, handovers: tuple[Handover, ...]
) -> Iterator[Start]:
    for handover in handovers:
        place = 0 if len(call.arguments) == 1 else handover.argument
        if call.name not in handover.calls or len(call.arguments) <= place:
            continue
        given = call.arguments[place].strip().lstrip("&")
        if callee.name in given and identifier(given) == callee.name:  # to parse takes its time
            yield Start(path, call.region, handover.what)

"""What runs a function other than plain calls: kthreads, work items, timers, interrupts.

The calls and designated initialisers that hand a function over show it; the rules' data lists
them.
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
    """Calls that get a function that is to be run."""

    what: str
    """What the function becomes, as messages say it: "a timer's function"."""
    calls: tuple[str, ...]
    """The functions, macros and members of designated initialisers that hand it over."""
    argument: int
    """The number of the argument that is the function, from 0; a single argument always is it."""


class Start(NamedTuple):
    """A place where a function is handed over."""

    path: str
    region: Region
    what: str
    """What the function becomes."""


def starts_of(callee: Callee, tree: TreeFacts, handovers: tuple[Handover, ...]) -> Iterator[Start]:
    """Where a function is handed over: in its own file and, if it is shared, in the whole tree."""
    facts = tree.files.get(callee.path)
    for call in facts.context_calls if facts else ():
        yield from _starts(callee, callee.path, call, handovers)
    for use in tree.definitions(handed(callee)) if callee.shared else ():
        for mention in use.calls if use.path != callee.path else ():
            yield from _starts(callee, use.path, mention, handovers)


def handed(callee: Callee) -> Query:
    """The query for the calls in the tree that hand a function over."""
    return HandedOver(callee.name)


def _starts(
    callee: Callee, path: str, call: Call | Mention, handovers: tuple[Handover, ...]
) -> Iterator[Start]:
    """What a call makes of a function, if it hands the function over."""
    for handover in handovers:
        place = 0 if len(call.arguments) == 1 else handover.argument
        if call.name not in handover.calls or len(call.arguments) <= place:
            continue
        given = call.arguments[place].strip().lstrip("&")
        # Parsing takes time, so that a text without the name is not parsed.
        if callee.name in given and identifier(given) == callee.name:
            yield Start(path, call.region, handover.what)

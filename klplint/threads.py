"""What runs a function besides plain calls: kthreads, work items, timers, interrupts.

Told by the calls (and designated initialisers) that hand a function over; which these are is
data of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from klplint.expression import identifier
from klplint.facts import FileFacts
from klplint.region import Region
from klplint.watch import Callee


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


def starts_of(
    callee: Callee, files: Mapping[str, FileFacts], handovers: tuple[Handover, ...]
) -> Iterator[Start]:
    """Where a function is handed over, in all files that may mean it by its name."""
    for facts in files.values():
        if not callee.visible_in(facts.path):
            continue
        for call in facts.context_calls:
            for handover in handovers:
                place = 0 if len(call.arguments) == 1 else handover.argument
                if call.name not in handover.calls or len(call.arguments) <= place:
                    continue
                if identifier(call.arguments[place].strip().lstrip("&")) == callee.name:
                    yield Start(facts.path, call.region, handover.what)

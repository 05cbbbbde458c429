"""Who calls a function, and who takes its address: over all files whose facts are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from klplint.facts.file_facts import FileFacts, Occurrence, OccurrenceClass
from klplint.facts.statements import Function
from klplint.facts.watch import Callee


class Site(NamedTuple):
    """An occurrence of a function's name, and the file that it stands in."""

    facts: FileFacts
    occurrence: Occurrence


def callee_of(facts: FileFacts, function: Function) -> Callee:
    """A function of a file as others may call it: one static in a C file they may not."""
    shared = not function.static or facts.path.endswith(".h")
    return Callee(function.name, facts.path, shared)


def calls_of(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """The calls of a function, those through macros too."""
    return _sites(callee, files, "call")


def references_to(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """Where a function is named but not called: its address is taken there."""
    return (s for s in _sites(callee, files, "reference") if s.occurrence.takes_address)


def _sites(callee: Callee, files: Mapping[str, FileFacts], kind: OccurrenceClass) -> Iterator[Site]:
    for facts in files.values():
        if not callee.visible_in(facts.path) or _has_its_own(facts, callee):
            continue
        for occurrence in (*facts.further, *facts.macro_calls):
            if occurrence.name == callee.name and occurrence.kind == kind:
                yield Site(facts, occurrence)


def _has_its_own(facts: FileFacts, callee: Callee) -> bool:
    """Whether a file defines another function of that name, which it then means."""
    return facts.path != callee.path and any(
        o.name == callee.name and o.kind == "definition" for o in facts.further
    )

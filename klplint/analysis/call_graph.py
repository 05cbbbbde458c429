"""Who calls a function, and who takes its address, in all files whose facts are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from klplint.facts.file_facts import FileFacts, Occurrence, OccurrenceClass
from klplint.facts.queries import TreeFacts
from klplint.facts.statements import Function
from klplint.facts.watch import Callee


class Site(NamedTuple):
    """An occurrence of a function's name."""

    facts: FileFacts
    """The facts of the file that holds it."""
    occurrence: Occurrence


def callee_of(facts: FileFacts, function: Function) -> Callee:
    """A function as something to call: other files cannot if it is static in a C file."""
    shared = not function.static or facts.path.endswith(".h")
    return Callee(function.name, facts.path, shared)


def not_shared(callee: Callee) -> Callee:
    """The same function as only its own file calls it."""
    return msgspec.structs.replace(callee, shared=False)


def calls_of(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """The calls of a function, also through macros."""
    return _sites(callee, files, "call")


def references_to(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """Where the address of a function is taken: where it is named but not called."""
    return (s for s in _sites(callee, files, "reference") if s.occurrence.takes_address)


def references_in_macros(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """Where the bodies of macros take the address of a function, or are only its name."""
    for site in _sites(callee, files, "macro-body"):
        reference = site.occurrence.reference
        if reference and not reference.keeps_nothing:
            yield site


def in_assembly(callee: Callee, files: Mapping[str, FileFacts]) -> Iterator[Site]:
    """Where assembly names a function: whatever it does with it is not known."""
    return _sites(callee, files, "assembly")


def files_called(tree: TreeFacts) -> list[FileFacts]:
    """The linted files, and those with functions that they call, directly or not.

    The functions of other files decide about no call in a linted file.
    """
    if tree.linted is None or tree.linted >= tree.files.keys():
        return list(tree.files.values())
    counting = {facts.path: facts for facts in tree.linted_files}
    while called := {
        path: facts
        for path, facts in tree.files.items()
        if path not in counting
        and any(any(calls_of(callee_of(facts, each), counting)) for each in facts.functions)
    }:
        counting |= called
    return list(counting.values())


def _sites(callee: Callee, files: Mapping[str, FileFacts], kind: OccurrenceClass) -> Iterator[Site]:
    """The occurrences of a kind in the files where the name means this function."""
    for facts in files.values():
        if not callee.visible_in(facts.path) or _defines_another(facts, callee):
            continue
        for occurrence in facts.followed.get(callee.name, ()):
            if occurrence.kind == kind:
                yield Site(facts, occurrence)


def _defines_another(facts: FileFacts, callee: Callee) -> bool:
    """Whether a file defines another function of the same name, which it then means."""
    return facts.path != callee.path and any(
        o.kind == "definition" for o in facts.followed.get(callee.name, ())
    )

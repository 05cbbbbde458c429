"""What runs a function other than plain calls: kthreads, work items, timers, interrupts.

The calls that get a function, and the members of structures that are set to it, show it; the
rules' data lists them. A function or macro that passes one of its parameters on to such a call
counts as such a call. A macro that is only another name for a function stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from klplint.csource.casts import without_casts
from klplint.csource.expressions import possible_values
from klplint.facts.kernel_version import Version
from klplint.facts.queries import (
    DefinedIn,
    Definition,
    DefinitionsOf,
    HandedIn,
    HandedOver,
    Mention,
    Query,
    TreeFacts,
)
from klplint.facts.region import Region
from klplint.facts.watch import Callee
from klplint.livepatch.other_names import OtherNames

# People do not write longer chains of functions that pass a function on.
_DEEPEST = 4

Runs = Literal["thread", "turn", "elsewhere"]


class Handover(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Calls that get a function that is to be run, or members that are set to it."""

    what: str
    """What the function becomes, as messages say it: "a timer's function"."""
    calls: tuple[str, ...] = ()
    """The functions and macros that get it."""
    argument: int = 0
    """The number of the argument that is the function, from 0."""
    members: tuple[str, ...] = ()
    """The members of `structure` that are set to it."""
    structure: str = ""
    """The tag of the structure, or the name of the type."""
    runs: Runs = "elsewhere"
    """How it is run: as the whole `thread`, in each `turn` of a thread's main loop, or
    `elsewhere`, where no task may switch."""
    since: str = ""
    """The first kernel version for which this holds; empty for no limit."""
    until: str = ""
    """The last kernel version for which this holds; empty for no limit."""
    source: str = ""
    """Where that can be seen."""

    def __post_init__(self) -> None:
        for limit in (self.since, self.until):
            if limit:
                Version.parse(limit)
        if bool(self.members) != bool(self.structure):
            raise ValueError("`members` and `structure` belong together; give both or neither")
        if not self.calls and not self.members:
            raise ValueError("give `calls`, or `members` with their `structure`")

    def gets(self, receiver: Mention, place: int) -> bool:
        """Whether it is the argument of this number, or the member, that gets the function."""
        if receiver.structure is not None:
            return receiver.name in self.members and receiver.structure == self.structure
        return receiver.name in self.calls and place == self.argument


class Start(msgspec.Struct, frozen=True):
    """A place where a function is handed over."""

    path: str
    region: Region
    """The call, or the member."""
    what: str
    """What the function becomes."""
    runs: Runs
    taken: Region
    """The name of the function at that place."""


class Stray(msgspec.Struct, frozen=True):
    """A place where a function also goes to where the rule's data does not say what runs it."""

    path: str
    taken: Region
    """The name of the function at that place."""


class EntryPoints:
    """What runs functions in a tree, according to the rule's data and the answers so far."""

    def __init__(self, handovers: tuple[Handover, ...], tree: TreeFacts) -> None:
        self._tree = tree
        self._handovers = tuple(h for h in handovers if tree.version.within(h.since, h.until))
        self._creators = frozenset(name for h in self._handovers for name in h.calls)
        self._ways: dict[Callee, tuple[Start | Stray, ...]] = {}

    def starts(self, callee: Callee) -> tuple[Start, ...]:
        """Where a function is handed over: in its file and, if it is shared, in the whole tree."""
        return tuple(way for way in self._all(callee) if isinstance(way, Start))

    def strays(self, callee: Callee) -> tuple[Stray, ...]:
        """Where it goes to what the data does not list, be it at a place where it also starts."""
        return tuple(way for way in self._all(callee) if isinstance(way, Stray))

    def _all(self, callee: Callee) -> tuple[Start | Stray, ...]:
        if callee not in self._ways:
            steps = (step for step in self._steps(callee) if not isinstance(step, Query))
            self._ways[callee] = tuple(dict.fromkeys(steps))
        return self._ways[callee]

    def is_thread(self, callee: Callee) -> bool:
        """Whether a function is run as a thread, or in each turn of one."""
        return any(start.runs != "elsewhere" for start in self.starts(callee))

    def queries(self, callee: Callee) -> Iterator[Query]:
        """The queries that `starts` needs, given the answers so far."""
        return (step for step in self._steps(callee) if isinstance(step, Query))

    def _steps(self, callee: Callee) -> Iterator[Query | Start | Stray]:
        """The queries about a function, and what their answers show."""
        names = self._tree.memo.once(OtherNames, self._tree.files)
        for query in (handed(callee), *names.handed(callee)):
            yield query
            for use in self._tree.definitions(query):
                for receiver in use.calls:
                    yield from self._received(use, receiver)

    def _received(self, use: Definition, receiver: Mention) -> Iterator[Query | Start | Stray]:
        """What becomes of a function that a call gets, or a member, or that is called."""
        place = receiver.place
        if place is not None and not _may_be(receiver.arguments[place], use.name):
            return
        # What runs a member is not known from here, but that is so of any function that is stored.
        is_known = receiver.structure is not None
        for step in () if place is None else self._followed(use, receiver, place):
            is_known = is_known or isinstance(step, Start)
            yield step
        if not is_known:
            yield Stray(use.path, use.region)

    def _followed(
        self, use: Definition, receiver: Mention, place: int
    ) -> Iterator[Query | Start | Stray]:
        """What becomes of a function that is the argument `place` of a call, or in a member."""
        pending = [(receiver, place, use.path, 0)]
        while pending:
            call, number, path, depth = pending.pop()
            for handover in self._handovers:
                if handover.gets(call, number):
                    what, runs = handover.what, handover.runs
                    yield Start(use.path, receiver.region, what, runs, use.region)
            is_known = call.structure is not None or call.name in self._creators
            if is_known or depth == _DEEPEST:
                continue
            for step in self._definitions(call.name, path):
                if isinstance(step, Query):
                    yield step
                elif parameter := "".join((step.parameters or ())[number : number + 1]):
                    if any(inner.name == parameter for inner in step.calls):
                        yield Stray(use.path, use.region)
                    for inner, place_in in _passed_on(step, parameter):
                        pending.append((inner, place_in, step.path, depth + 1))

    def _definitions(self, name: str, path: str) -> Iterator[Query | Definition]:
        """The definitions that a call in the file at `path` means, after the queries for them."""
        in_file = DefinedIn(name, file=path)
        yield in_file
        yield from self._tree.definitions(in_file)
        # A pass over the tree takes longer: it is for what the file does not define.
        if in_file in self._tree.answers and not self._tree.definitions(in_file):
            in_tree = DefinitionsOf(name, asker=path)
            yield in_tree
            yield from self._tree.definitions(in_tree)


def handed(callee: Callee) -> Query:
    """The query for the calls and members that get a function."""
    return HandedOver(callee.name) if callee.shared else HandedIn(callee.name, file=callee.path)


def _passed_on(wrapper: Definition, parameter: str) -> Iterator[tuple[Mention, int]]:
    """The calls that get a parameter of a function or macro, and the number of the argument."""
    for call in wrapper.calls:
        for place, argument in enumerate(call.arguments):
            if call.name != wrapper.name and _may_be(argument, parameter):
                yield call, place


def _may_be(expression: str, name: str) -> bool:
    """Whether an expression may be the function, or the parameter, `name`."""
    # Parsing takes time, so that a text without the name is not parsed.
    if name not in expression:
        return False
    values = possible_values(without_casts(expression)) or ()
    return any(value.lstrip("&*") == name for value in values)

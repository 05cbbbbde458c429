"""The barriers in definitions, and in what these call directly.

Queries come in rounds: what a definition calls is asked for where it holds no barrier itself that
settles the matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from klplint.barriers.families import Families
from klplint.facts.queries import DefinedIn, Definition, DefinitionsOf, Query, TreeFacts
from klplint.facts.region import Region


class WriteBarrier(msgspec.Struct, frozen=True, order=True):
    """A call that orders writes, in a counterpart or in what it calls."""

    path: str
    region: Region
    name: str


# In the comments of a function: it orders by something that is not a barrier by its name.
_SAYS_WHAT_ORDERS = re.compile(
    r"\b(?:is|are|acts?\s+as|serves?\s+as|provides?|gives?|implies|imply|has|an?)\s+(?:[\w*]+\s+){0,3}"
    r"(?:serializing|serialising|(?:full|memory|implicit|implied)[\s*]+(?:memory[\s*]+)?barriers?)\b",
    re.IGNORECASE,
)


class HeldBarriers:
    """Finds the calls that order writes."""

    def __init__(self, tree: TreeFacts, families: Families) -> None:
        self._tree = tree
        self._families = families

    def queries(
        self, definitions: tuple[Definition, ...], primitives: tuple[str, ...]
    ) -> Iterator[Query]:
        """What definitions call, unless they hold what a comment says themselves."""
        calls = [call.name for call in self._calls(definitions)]
        has_it = not primitives or any(self.is_one_of(primitives, call) for call in calls)
        if not (has_it and any(map(self._families.is_write_barrier, calls))):
            yield from self._callees(self._with_wrapped(definitions))

    def barriers(self, definitions: tuple[Definition, ...]) -> tuple[WriteBarrier, ...]:
        """The barriers of definitions, from the plainest: proper ones, and then implied ones.

        A barrier proper that is one call down comes before an implied one of the function itself,
        which may only order afterwards: an unlock behind the last store.
        """
        direct, called = self._calls(definitions), self._calls(self.called(definitions))
        for calls in (direct, called):
            if proper := [c for c in calls if self._families.is_write_barrier(c.name)]:
                return tuple(proper)
        for calls in (direct, called):
            if implied := [c for c in calls if self._families.orders_writes(c.name)]:
                return tuple(implied)
        return ()

    def holds(self, definitions: tuple[Definition, ...], primitives: tuple[str, ...]) -> bool:
        """Whether definitions, or what they call, have one of some primitives."""
        every = (*definitions, *self.called(definitions))
        return any(self.is_one_of(primitives, call.name) for d in every for call in d.calls)

    def is_explained(self, definitions: tuple[Definition, ...]) -> bool:
        """Whether a comment there says what orders: an instruction, or what else has no name."""
        every = (*definitions, *self.called(definitions))
        return any(_SAYS_WHAT_ORDERS.search(text) for d in every for text in d.comments)

    def is_one_of(self, primitives: tuple[str, ...], call: str) -> bool:
        """Whether a call does what one of some primitives does."""
        return any(self._families.does_as(call, primitive) for primitive in primitives)

    def called(self, definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        """What definitions call directly, as far as the tree was asked."""
        callees = self._callees(self._with_wrapped(definitions))
        return tuple(sorted({d for q in callees for d in self._tree.definitions(q)}))

    def _calls(self, definitions: Iterable[Definition]) -> list[WriteBarrier]:
        """The calls in definitions, without barriers that order nothing where they stand."""
        calls: list[WriteBarrier] = []
        for definition in definitions:
            following = [*(call.name for call in definition.calls[1:]), ""]
            calls += (
                WriteBarrier(definition.path, call.region, call.name)
                for call, behind in zip(definition.calls, following, strict=False)
                if not self._families.is_void(call.name, behind)
            )
        return calls

    def _with_wrapped(self, definitions: tuple[Definition, ...]) -> tuple[Definition, ...]:
        """Definitions, and for one that only calls a single function also what it passes on to."""
        wrappers = tuple(d for d in definitions if len({call.name for call in d.calls}) == 1)
        wrapped = {d for q in self._callees(wrappers) for d in self._tree.definitions(q)}
        return (*definitions, *sorted(wrapped.difference(definitions)))

    def _callees(self, definitions: tuple[Definition, ...]) -> Iterator[Query]:
        """Queries for what definitions call: a function of the same file, else of another."""
        for definition in definitions:
            for call in definition.calls:
                if self._families.orders_no_writes(call.name) or self._families.is_known(call.name):
                    continue  # how it is built does not matter
                in_file = DefinedIn(call.name, definition.path)
                yield in_file
                if in_file in self._tree.answers and not self._tree.definitions(in_file):
                    yield DefinitionsOf(call.name, definition.path)

"""What may sleep: functions that the rules' data lists, and functions of a file that call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from klplint.analysis.name_patterns import fits_any
from klplint.facts.queries import DefinedIn, Definition, Mention, Query, TreeFacts
from klplint.facts.region import Region
from klplint.livepatch.pending_tests import names_flag


class SleepKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Functions that may sleep: those that match `calls` and do not match `but`."""

    what: str
    """What the functions do."""
    calls: tuple[str, ...]
    """Patterns for their names; `*` stands for any letters, digits and underscores."""
    source: str
    """Where that is documented."""
    but: tuple[str, ...] = ()
    """Patterns for names that match `calls` and do not sleep."""
    arguments: tuple[str, ...] = ()
    """Names one of which has to be in an argument (`GFP_KERNEL`); empty if the name is enough."""

    def holds(self, name: str, arguments: Iterable[str]) -> bool:
        """Whether a call is one of these."""
        if not fits_any(name, self.calls) or fits_any(name, self.but):
            return False
        return not self.arguments or any(names_flag(a, self.arguments) for a in arguments)


class Step(NamedTuple):
    """A call on the way to one that sleeps."""

    name: str
    region: Region


class Sleepers:
    """What may sleep in one file, according to the answers so far."""

    def __init__(self, kinds: tuple[SleepKind, ...], path: str, tree: TreeFacts) -> None:
        self._kinds = kinds
        self._path = path
        self._tree = tree

    def way(self, name: str, region: Region, arguments: tuple[str, ...]) -> tuple[Step, ...]:
        """The shortest way from a call down to one that may sleep; () if there is none."""
        first = Mention(name, region, arguments)
        ways: list[tuple[Mention, ...]] = [(first,)]
        seen = {name}
        while ways:
            way = ways.pop(0)
            last = way[-1]
            if self._sleeps(last):
                return tuple(Step(mention.name, mention.region) for mention in way)
            for mention in self._calls_in(last.name):
                if mention.name not in seen or self._sleeps(mention):
                    seen.add(mention.name)
                    ways.append((*way, mention))
        return ()

    def queries(self, names: Iterable[str]) -> Iterator[Query]:
        """What is needed to know whether functions sleep: they, and what they call in the file."""
        pending, seen = list(names), set[str]()
        while pending:
            name = pending.pop()
            if name not in seen and not self._sleeps(Mention(name, Region(1, 1, 1, 1))):
                seen.add(name)
                yield self._query(name)
                pending += (mention.name for mention in self._calls_in(name))

    def _sleeps(self, mention: Mention) -> bool:
        return any(kind.holds(mention.name, mention.arguments) for kind in self._kinds)

    def _query(self, name: str) -> Query:
        return DefinedIn(name, self._path)

    def _calls_in(self, name: str) -> Iterator[Mention]:
        """What the definitions of a name in this file call."""
        for definition in self._tree.definitions(self._query(name)):
            yield from definition.calls
            yield from _alias(definition)


def _alias(definition: Definition) -> Iterator[Mention]:
    """The function for which a macro without parameters is another name."""
    name = definition.text.strip("() \t")
    if name.isidentifier():
        yield Mention(name, definition.region)

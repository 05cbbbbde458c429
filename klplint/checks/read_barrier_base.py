"""What the checks of read barriers share: their settings, the reading, and how places are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.families import Families
from klplint.barriers.pairing import PairReader
from klplint.barriers.reading import Reading
from klplint.checks.base import Check, place
from klplint.errors import nearest
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Watch
from klplint.findings.finding import Place
from klplint.source_text import split_lines

# Definitions beyond these help nobody: one for each architecture, say.
_MOST_PLACES = 5
_WORDS = re.compile(r"\w.*?(?=\s*(?:\*/|\\?$))")


class ReadBarrierCheck(Check, frozen=True, kw_only=True, dict=True):
    """Base of checks of `barriers`, which are some of those that `families` has for readers."""

    barriers: tuple[str, ...]
    families: Families

    def __post_init__(self) -> None:
        known = self.families.readers
        for barrier in self.barriers:
            if barrier not in known:
                raise ValueError(
                    f"`{barrier}` is no read barrier of rules/barriers.toml"
                    f"{nearest(barrier, known)}; there are: {', '.join(sorted(known))}"
                )

    @property
    def watch(self) -> Watch:
        """The read barriers."""
        barriers = frozenset(self.barriers)
        return Watch(barriers=barriers, loads=barriers & self.families.load.keys())

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Whom the comments name."""
        return self.pair_reader.queries(tree)

    @cached_property
    def pair_reader(self) -> PairReader:
        """The reader of the comments of these barriers; it remembers what it has read."""
        return PairReader(self.barriers, self.families)


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them: a, b and c."""
    *first, last = [*names] or [""]
    return " and ".join(filter(None, (", ".join(first), last)))


def definition_places(counterparts: Iterable[Counterpart]) -> tuple[Place, ...]:
    """Where counterparts are defined, and what is called much like one that is missing."""
    found = [
        definition
        for counterpart in counterparts
        for definition in (*counterpart.definitions, counterpart.alike)
        if definition is not None
    ]
    return tuple(
        Place(
            definition.path,
            definition.region,
            "the file" if definition.kind == "file" else f"{definition.name}() is defined here",
        )
        for definition in found[:_MOST_PLACES]
    )


def comment_place(reading: Reading, facts: FileFacts) -> tuple[Place, ...]:
    """The first line of the comment that says something: a lone `/*` tells nobody anything."""
    if reading.source is None:
        return ()
    region = reading.source.region
    for number, line in enumerate(split_lines(reading.source.text)):
        words = _WORDS.search(line)
        if words:
            column = words.start() + 1 if number else region.column + words.start()
            first = Region(
                region.line + number, column, region.line + number, column + len(words[0])
            )
            return (place(facts, first, "this comment was read"),)
    return (place(facts, region, "this comment was read"),)

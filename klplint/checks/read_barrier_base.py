"""What the checks of read barriers share: their settings, and the places in their findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.families import Families, Side
from klplint.barriers.opposite import opposite
from klplint.barriers.pairing import Pair, PairReader, Readers
from klplint.barriers.reading import Reading
from klplint.checks.base import Check, place
from klplint.errors import nearest
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import Query, TreeFacts
from klplint.facts.region import Region
from klplint.facts.watch import Watch
from klplint.findings.finding import Place
from klplint.partners.access_rules import AccessRules, Helper
from klplint.source_text import split_lines

# More definitions, such as one for each architecture, help nobody.
_MOST_PLACES = 5
# Up to the end of the words: a long row of spaces is looked at once, not from each of them.
_WORDS = re.compile(r"\w(?:(?!\*/|\\?$)\S|\s++(?!\*/|\\?$))*+")


class ReadBarrierCheck(Check, frozen=True, kw_only=True):
    """Base of the checks of read barriers and their comments."""

    barriers: tuple[str, ...]
    """The barriers that are checked: any that `families` lists for the reader's side."""
    sides: tuple[Side, ...] = ("read",)
    """On which sides barriers are checked: `read`, `write` or both."""
    write_barriers: tuple[str, ...] = ("smp_wmb", "smp_store_release", "smp_mb")
    """The barriers that are checked on the write side: any that `families` lists for it."""
    families: Families
    """All barriers, by what they order."""
    accesses: AccessRules = AccessRules()
    """What barriers order and helpers access, for the search for partners."""
    helpers: tuple[Helper, ...] = ()
    """Further helpers, which override those of `accesses`."""

    def __post_init__(self) -> None:
        if not self.sides:
            raise ValueError('is empty; write sides = ["read"], or ignore the rule')
        for kind, names, listed_names in (
            ("read", self.barriers, self.families.readers),
            ("write", self.write_barriers, self.families.writing),
        ):
            for barrier in names:
                if barrier not in listed_names:
                    raise ValueError(
                        f"`{barrier}` is not a {kind} barrier in rules/barriers.toml"
                        f"{nearest(barrier, listed_names)}; these are: "
                        f"{', '.join(sorted(listed_names))}"
                    )

    @property
    def access_rules(self) -> AccessRules:
        """What the search for partners knows of barriers and helpers."""
        helpers = (*self.helpers, *self.accesses.helpers)
        return msgspec.structs.replace(self.accesses, helpers=helpers)

    @property
    def watch(self) -> Watch:
        """The barriers of the sides that are checked; the others may name one of them."""
        families, barriers = self.families, self.checked
        return Watch(
            barriers=barriers,
            loads=barriers & {*families.load, *families.stores, *families.foreign},
            opposite=frozenset(families.writing) - barriers,
        )

    @property
    def checked(self) -> frozenset[str]:
        """The barriers of the sides that are checked."""
        of_side: dict[Side, tuple[str, ...]] = {"read": self.barriers, "write": self.write_barriers}
        return frozenset(name for side in self.sides for name in of_side[side])

    @property
    def is_per_file(self) -> bool:
        """What comments name is looked up, and partners are searched for all files at once."""
        return True

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """What the comments name, and what that calls."""
        return self.pair_reader(tree).queries(tree)

    def pairs(self, tree: TreeFacts) -> Iterator[tuple[FileFacts, Pair]]:
        """All uses of the barriers with what their comments say, each with its file."""
        return self.pair_reader(tree).pairs(tree)

    def families_for(self, pair: Pair) -> Families:
        """The families by which the counterparts of a pair are described."""
        return opposite(self.families) if pair.side == "write" else self.families

    def pair_reader(self, tree: TreeFacts) -> PairReader:
        """A reader for the barriers; all checks with the same families share what was read."""
        return PairReader(self.checked, self.families, tree.memo.the(Readers))


def barrier_checks(checks: Iterable[Check]) -> list[ReadBarrierCheck]:
    """Those of some checks that are about barriers and their comments."""
    return [check for check in checks if isinstance(check, ReadBarrierCheck)]


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them: a, b and c."""
    *first, last = [*names] or [""]
    return " and ".join(filter(None, (", ".join(first), last)))


def definition_places(counterparts: Iterable[Counterpart]) -> tuple[Place, ...]:
    """Where counterparts are defined; for a missing one, what has its name, or a similar one."""
    places = (place for each in counterparts for place in _places(each))
    return tuple(islice(places, _MOST_PLACES))


def _places(counterpart: Counterpart) -> Iterator[Place]:
    data, alike = counterpart.data, counterpart.alike
    if data:
        yield Place(data.path, data.region, f"{data.name} is not a function")
    for definition in (*counterpart.definitions, *([alike] if alike else [])):
        is_file = definition.kind == "file"
        text = "the file" if is_file else f"{definition.name}() is defined here"
        yield Place(definition.path, definition.region, text)


def comment_place(reading: Reading, facts: FileFacts) -> tuple[Place, ...]:
    """The first line of the comment that has words; a lone `/*` is skipped."""
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

"""Pairs: every read barrier, how its comment was read, and where its counterparts are.

Comments need no compiler, so the files are read by their tokens alone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from klplint.barriers.agreement import OtherEnd, other_ends
from klplint.barriers.ordering import PairOrder, order_of
from klplint.barriers.pairing import Pair, PairReader, Readers
from klplint.checks.read_barrier_base import ReadBarrierCheck, barrier_checks
from klplint.engine.alias_search import with_alias_uses
from klplint.engine.checking import cannot_read
from klplint.engine.fact_collection import FactCollector
from klplint.engine.pair_sides import PairSides
from klplint.engine.partner_search import with_partners
from klplint.engine.plan import Plan
from klplint.engine.queries import answer_queries
from klplint.engine.session import Session
from klplint.engine.stages import gather
from klplint.errors import UsageError
from klplint.facts.partners import Partner
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import NotAnalysed
from klplint.progress import Progress


class FilePair(msgspec.Struct, frozen=True):
    """A pair, and the file that its read barrier stands in."""

    file: str
    pair: Pair
    partners: tuple[Partner, ...] = ()
    """What the code shows about the other side, best first."""
    order: PairOrder | None = None
    """Whether the barrier and its partner are in order; None if no partners were searched."""
    ends: tuple[OtherEnd, ...] = ()
    """What the comments at the other end of the pair name."""
    sides: PairSides | None = None
    """Both sides with the source around them; None if nobody asked for it (see `pair_excerpts`)."""


class PairList(msgspec.Struct, frozen=True):
    """All pairs in the order of files and lines, and what could not be read."""

    pairs: tuple[FilePair, ...]
    unreadable: tuple[NotAnalysed, ...]
    reader: PairReader | None = None
    """What read the comments; it can say why."""
    gaps: tuple[str, ...] = ()
    """What the kernel tree lacks; empty for a whole one."""


Touched = Literal["barrier", "comment", "function", "other-side", "other-function", "facts"]
"""What of a pair a change touches.

`other-side` is a barrier on the other side, `other-function` the function around it. `facts`: what
is said of the pair is not the same any more.
"""


class ChangedPair(msgspec.Struct, frozen=True):
    """A pair that a change touches."""

    before: FilePair | None
    """The pair before the change; None if there was none."""
    after: FilePair | None
    """The pair after it; None if there is none any more."""
    touched: tuple[Touched, ...]


class ChangedPairs(msgspec.Struct, frozen=True):
    """The pairs that a change touches, in the order of files and lines."""

    pairs: tuple[ChangedPair, ...]
    examined: int
    """How many barriers the tree has after the change, touched or not."""


def with_other_ends(pairs: list[FilePair]) -> tuple[FilePair, ...]:
    """Pairs with what the comments at their other ends name, as far as these are listed."""
    ends_of_each = other_ends([(entry.file, entry.pair) for entry in pairs])
    return tuple(
        msgspec.structs.replace(entry, ends=ends)
        for entry, ends in zip(pairs, ends_of_each, strict=True)
    )


def has_pairs(plan: Plan) -> bool:
    """Whether a rule of a plan is about read barriers."""
    return bool(_pair_checks(plan))


def _pair_checks(plan: Plan) -> list[ReadBarrierCheck]:
    return barrier_checks(rule.check for rule in plan.rules)


def pair_up(plan: Plan, progress: Progress) -> PairList:
    """Every read barrier that a plan's rules watch, with its reading and its counterparts.

    Raises UsageError where none of the rules is about read barriers.
    """
    checks = _pair_checks(plan)
    if not checks:
        raise UsageError(
            "none of the selected rules is about read barriers; select KLP003, for example"
        )
    barriers = frozenset(barrier for check in checks for barrier in check.checked)
    reader = PairReader(barriers, checks[0].families, Readers())
    execution = msgspec.structs.replace(plan.execution, parse=False)
    with Session(plan.sources, execution, progress) as session:
        collector = FactCollector(session)
        collected = gather(collector.facts(Watch(barriers=barriers)))
        collector.remember()
        facts = with_alias_uses(collected.facts, checks, session)
        tree = answer_queries(facts, [reader], session)
        tree = with_partners(tree, checks, session)
    pairs = pairs_in(tree, reader, searched=execution.partners)
    unreadable = tuple(sorted(map(cannot_read, collected.unreadable)))
    return PairList(with_other_ends(pairs), unreadable, reader, tree.gaps)


def pairs_in(tree: TreeFacts, reader: PairReader, *, searched: bool) -> list[FilePair]:
    """The barriers that a reader reads; `searched` says whether partners were looked for."""
    return [
        _file_pair(file.path, pair, tree, searched=searched) for file, pair in reader.pairs(tree)
    ]


def _file_pair(path: str, pair: Pair, tree: TreeFacts, *, searched: bool) -> FilePair:
    """A pair with its partners; `searched` says whether these were looked for."""
    partners = tree.partners_of(path, pair.barrier.region)
    return FilePair(path, pair, partners, order_of(pair, partners) if searched else None)

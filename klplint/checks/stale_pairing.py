"""KLP004: does the counterpart that a barrier's comment names exist, and order writes?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING": a read barrier without a write
barrier on the other side orders nothing that can be relied on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import Pair, differs
from klplint.checks.base import place
from klplint.checks.partner_text import confident_partner, with_partner
from klplint.checks.read_barrier_base import (
    ReadBarrierCheck,
    comment_place,
    definition_places,
    listed,
)
from klplint.facts.file_facts import Comment, FileFacts
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.findings.finding import Draft, Place
from klplint.source_text import split_lines

# Functions or files that a message lists.
_MOST_NAMES = 3


class StalePairingCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Counterparts in comments on `barriers` that are not what or where the comment says."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each counterpart that is not what the comment says."""
        for facts, pair in self.pairs(tree):
            partner = confident_partner(tree, facts.path, pair.barrier)
            other = partner if partner and differs(pair, partner) else None
            for counterpart in pair.counterparts:
                if counterpart.status not in ("ok", "not-in-part"):
                    yield with_partner(self._finding(pair, counterpart, facts), other, facts)

    def _finding(self, pair: Pair, counterpart: Counterpart, facts: FileFacts) -> Draft:
        """The finding for a counterpart that is missing, elsewhere, or without the barrier."""
        barrier, comment = pair.barrier, pair.reading.source
        where = f" in {barrier.function}()" if barrier.function else ""
        is_note = counterpart.status in ("no-write-barrier", "other-barrier")
        return Draft(
            place=place(facts, barrier.region, "the read barrier"),
            message=f"the comment on {barrier.name}(){where} names {_fault(counterpart)}",
            function=barrier.function,
            level="note" if is_note else None,
            related=(
                *_mention(pair, counterpart, facts),
                *definition_places([counterpart]),
                *_others(counterpart),
            ),
            refuted=place(facts, comment.region)
            if comment and self._is_loss(counterpart)
            else None,
        )

    def _is_loss(self, counterpart: Counterpart) -> bool:
        """Whether nothing in a counterpart is a barrier by itself: what is left was there before.

        Where one barrier replaces another, only the comment is out of date.
        """
        return not any(self.families.is_write_barrier(each.name) for each in counterpart.barriers)


def _fault(counterpart: Counterpart) -> str:
    """What a comment names, what is wrong with it, and what to do: the end of the message."""
    written, alike = counterpart.written, counterpart.alike
    match counterpart.status:
        case "missing":
            remedy = (
                f"did you mean {alike.name}() in {alike.path}?" if alike else "update the comment"
            )
            return f"{written}, which does not exist in the tree; {remedy}"
        case "elsewhere":
            files = listed(dict.fromkeys(d.path for d in counterpart.definitions[:_MOST_NAMES]))
            return (
                f"{written} in {counterpart.file}, but {written} is in {files}; update the comment"
            )
        case "other-barrier":
            wanted = " or ".join(f"{name}()" for name in counterpart.holds)
            there = dict.fromkeys(f"{barrier.name}()" for barrier in counterpart.barriers)
            return (
                f"{wanted} in {written}, but {written} and what it calls directly have "
                f"{listed([*there][:_MOST_NAMES])}, no {wanted}; "
                "update the comment, or add the barrier"
            )
        case _:
            return (
                f"{written}, but neither {written} nor anything it calls directly has a "
                "write-side barrier; update the comment, or add the barrier"
            )


def _others(counterpart: Counterpart) -> tuple[Place, ...]:
    """The barriers that are there in place of the one that the comment names."""
    if counterpart.status != "other-barrier":
        return ()
    return tuple(
        Place(barrier.path, barrier.region, f"{barrier.name}() is here")
        for barrier in counterpart.barriers[:_MOST_NAMES]
    )


def _mention(pair: Pair, counterpart: Counterpart, facts: FileFacts) -> tuple[Place, ...]:
    """Where the comment names a counterpart; the comment, if the name is spelt otherwise there."""
    comment = pair.reading.source
    region = comment and _region_of(counterpart.name, comment)
    return (place(facts, region, "named here"),) if region else comment_place(pair.reading, facts)


def _region_of(name: str, comment: Comment) -> Region | None:
    """Where a comment contains a name as a whole word."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for number, line in enumerate(split_lines(comment.text)):
        match = word.search(line)
        if match:
            before = 0 if number else comment.region.column - 1
            first = before + match.start() + 1
            row = comment.region.line + number
            return Region(row, first, row, first + len(name))
    return None

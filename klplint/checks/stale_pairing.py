"""KLP004: does the counterpart that a barrier's comment names exist, and order writes?

Source: Documentation/memory-barriers.txt, "SMP BARRIER PAIRING": a read barrier without a write
barrier on the other side orders nothing that can be relied on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import Pair
from klplint.checks.base import place
from klplint.checks.read_barrier_base import ReadBarrierCheck, comment_place, definition_places
from klplint.facts.file_facts import Comment, FileFacts
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.findings.finding import Draft, Place
from klplint.source_text import split_lines


class StalePairingCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Counterparts in comments on `barriers` that do not exist, or hold no write-side barrier."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each counterpart that is missing or orders no writes."""
        for facts, pair in self.pairs(tree):
            for counterpart in pair.counterparts:
                if counterpart.status == "missing" and tree.gaps:
                    continue  # what is missing may be in the parts that the tree lacks
                if counterpart.status != "ok":
                    yield self._finding(pair, counterpart, facts)

    def _finding(self, pair: Pair, counterpart: Counterpart, facts: FileFacts) -> Draft:
        """The finding for a counterpart that is missing or orders no writes."""
        barrier = pair.barrier
        is_missing = counterpart.status == "missing"
        where = f" in {barrier.function}()" if barrier.function else ""
        comment = f"the comment on {barrier.name}(){where} names {counterpart.written}"
        return Draft(
            place=place(facts, barrier.region, "the read barrier"),
            message=f"{comment}, {_fault(counterpart)}",
            function=barrier.function,
            level=None if is_missing else "note",
            related=(
                *_mention(pair, counterpart, facts),
                *definition_places([counterpart]),
            ),
        )


def _fault(counterpart: Counterpart) -> str:
    """What is wrong with a counterpart and what to do, as the end of the message."""
    alike = counterpart.alike
    if counterpart.status == "missing":
        remedy = f"did you mean {alike.name}() in {alike.path}?" if alike else "update the comment"
        return f"which does not exist in the tree; {remedy}"
    return (
        f"but neither {counterpart.written} nor anything it calls directly has a write-side "
        "barrier; update the comment, or add the barrier"
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

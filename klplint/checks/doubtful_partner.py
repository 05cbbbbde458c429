"""KLP010: does the code agree with the comment on the partner of a read barrier?

Source: Documentation/memory-barriers.txt, "SMP barrier pairing": partners order accesses to the
same objects.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import Pair, differs
from klplint.checks.base import place
from klplint.checks.partner_text import evidence, in_words, partner_places
from klplint.checks.read_barrier_base import (
    ReadBarrierCheck,
    comment_place,
    definition_places,
    listed,
)
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Partner
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft


class DoubtfulPartnerCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Comments on `barriers` whose counterpart shares nothing with the reader, as another does."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each barrier with a partner in the code that the comment does not name.

        Silent unless each counterpart exists and has a barrier proper, and none of them is among
        the possible partners: an unlock orders what no search knows of.
        """
        for facts, pair in self.pairs(tree):
            partners = tree.partners_of(facts.path, pair.barrier.region)
            first = partners[0] if partners else None
            is_sound = all(map(self._has_barrier, pair.counterparts))
            if first and first.confident and is_sound and all(differs(pair, p) for p in partners):
                yield _finding(pair, first, facts)

    def _has_barrier(self, counterpart: Counterpart) -> bool:
        barriers = (barrier.name for barrier in counterpart.barriers)
        return counterpart.status == "ok" and any(map(self.families.is_write_barrier, barriers))


def _finding(pair: Pair, partner: Partner, facts: FileFacts) -> Draft:
    barrier = pair.barrier
    where = f" in {barrier.function}()" if barrier.function else ""
    writers = listed(each.written for each in pair.counterparts)
    return Draft(
        place=place(facts, barrier.region, "which write barrier does it pair with?"),
        message=(
            f"the comment on {barrier.name}(){where} names {writers}, which shares nothing with "
            f"the reader; does it pair with {in_words(partner)}? {evidence(partner)}"
        ),
        function=barrier.function,
        related=(
            *comment_place(pair.reading, facts),
            *definition_places(pair.counterparts),
            *partner_places(partner, facts),
        ),
    )

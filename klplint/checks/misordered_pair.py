"""KLP007: do the two barriers of a pair order what both sides access?

Source: Documentation/memory-barriers.txt, "SMP barrier pairing": the loads before a read barrier
match the stores after the write barrier, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.barriers.ordering import order_of
from klplint.barriers.pairing import Pair
from klplint.checks.base import place
from klplint.checks.partner_text import shared_places
from klplint.checks.read_barrier_base import ReadBarrierCheck, comment_place
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Order, Partner
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Place

_OTHER = {"before": "after", "after": "before"}


class MisorderedPairCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Uses of `barriers` that do not order what the reader shares with its partner."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each pair in which an object is on the same side of both barriers."""
        for facts, pair in self.pairs(tree):
            partners = tree.partners_of(facts.path, pair.barrier.region)
            result = order_of(pair, partners)
            if result.status == "misordered" and result.partner:
                yield _finding(pair, result.partner, facts)


def _finding(pair: Pair, partner: Partner, facts: FileFacts) -> Draft:
    barrier, order = pair.barrier, partner.order
    writer = f"{partner.barrier}() in {partner.function}() ({partner.path}:{partner.line})"
    message = _wrong_kind if order.reason == "wrong-kind" else _same_side
    return Draft(
        place=place(facts, barrier.region, "the read barrier"),
        message=message(order, barrier.name, writer),
        function=barrier.function,
        related=(
            *comment_place(pair.reading, facts),
            Place(partner.path, partner.region, f"{partner.barrier}() in {partner.function}()"),
            *(p for each in order.objects for p in shared_places(each, partner, facts)),
        ),
    )


def _same_side(order: Order, reader: str, writer: str) -> str:
    """What is on the same side of both barriers, and where it is wanted."""
    wrong, right = order.objects
    side = wrong.reader.side
    # `right` is loaded on one side of the read barrier and stored on the other side of its
    # partner, so `wrong` has to be loaded where `right` is not, and stored where it is not.
    reader_is_wrong = right.reader.side == side
    advice = "load" if reader_is_wrong else "store"
    barrier = reader if reader_is_wrong else writer.partition("(")[0]
    return (
        f"`{wrong.name}` is loaded {side} {reader}() and stored {side} {writer}, so nothing orders "
        f"it with `{right.name}`; {advice} it {_OTHER[side]} {barrier}()"
    )


def _wrong_kind(order: Order, reader: str, writer: str) -> str:
    """What a barrier that orders only loads was meant to order."""
    stored, loaded = order.objects
    return (
        f"{reader}() orders only loads, not the store to `{stored.name}` with the load of "
        f"`{loaded.name}`, which are the other way round at {writer}; use a full barrier"
    )

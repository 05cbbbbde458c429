"""KLP007: do the two barriers of a pair order what both sides access?

Source: Documentation/memory-barriers.txt, "SMP barrier pairing": the loads before a read barrier
match the stores after the write barrier, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from klplint.barriers.ordering import order_of
from klplint.checks.base import place
from klplint.checks.fixes import moving_fix
from klplint.checks.partner_text import shared_places
from klplint.checks.read_barrier_base import ReadBarrierCheck, comment_place
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.partners import ObjectUse, Order, Partner
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Place

_OTHER = {"before": "after", "after": "before"}
# A barrier that orders nothing does no harm by itself.
_IDLE = ("nothing-before", "nothing-after")


class MisorderedPairCheck(ReadBarrierCheck, frozen=True, kw_only=True):
    """Uses of `barriers` that do not order what the reader shares with its partner."""

    movable: tuple[str, ...] = ()
    """The barriers that order nothing but what processors access: a fix may move them."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each pair whose barriers do not order what both sides access."""
        for facts, pair in self.pairs(tree):
            partners = tree.partners_of(facts.path, pair.barrier.region)
            result = order_of(pair, partners)
            if result.status == "misordered" and result.partner:
                comment = comment_place(pair.reading, facts)
                yield self._finding(pair.barrier, result.partner, facts, comment)
        for facts in tree.files.values():
            for barrier in facts.opposite:
                partners = tree.partners_of(facts.path, barrier.region)
                if partners and partners[0].order.reason == "wrong-kind":
                    yield self._finding(barrier, partners[0], facts, ())

    def _finding(
        self, barrier: Barrier, partner: Partner, facts: FileFacts, comment: tuple[Place, ...]
    ) -> Draft:
        order = partner.order
        writer = f"{partner.barrier}() in {partner.function}() ({partner.path}:{partner.line})"
        message = _MESSAGES.get(order.reason, _same_side)
        ordering = self.access_rules.ordering(barrier.name)
        kind = "write" if ordering == "writes" else "read"
        return Draft(
            place=place(facts, barrier.region, f"the {kind} barrier"),
            message=(
                _wrong_kind(order, barrier.name, writer, "loads" if kind == "read" else "stores")
                if order.reason == "wrong-kind"
                else message(order, barrier.name, writer)
            ),
            function=barrier.function,
            level="note" if order.reason in _IDLE else None,
            related=(
                *comment,
                Place(partner.path, partner.region, f"{partner.barrier}() in {partner.function}()"),
                *(p for each in order.objects for p in shared_places(each, partner, facts)),
            ),
            fix=moving_fix(facts, barrier, partner, self.movable),
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
    loaded, stored = (
        f"{deed} before and after" if order.again == kind else f"{deed} {side}"
        for deed, kind in (("loaded", "load"), ("stored", "store"))
    )
    return (
        f"`{wrong.name}` is {loaded} {reader}() and {stored} {writer}, so nothing orders it "
        f"with `{right.name}`; {advice} it {_OTHER[side]} {barrier}()"
    )


def _wrong_kind(order: Order, barrier: str, other: str, ordered: str) -> str:
    """What a barrier that orders only loads, or only stores, was meant to order."""
    first, second = order.objects
    deeds = _deed(first.reader), _deed(second.reader)
    instead = _INSTEAD.get(deeds, "a full barrier")
    return (
        f"{barrier}() orders only {ordered}, not the {deeds[0]} `{first.name}` with the {deeds[1]} "
        f"`{second.name}`, which are the other way round at {other}; use {instead}"
    )


def _deed(use: ObjectUse) -> str:
    return {"load": "load of", "store": "store to"}.get(use.kind, "access of")


def _wrong_branch(order: Order, reader: str, writer: str) -> str:
    """What the reader loads on a way that leads around its barrier."""
    flag, data = order.objects
    return (
        f"`{data.name}` is loaded at line {data.reader.line} on a way that does not pass "
        f"{reader}(), so nothing orders it with `{flag.name}`, although {writer} does; move "
        f"{reader}() before the branch"
    )


def _nothing_before(order: Order, reader: str, writer: str) -> str:
    """A read barrier with all loads behind it."""
    name = order.objects[0].name
    but = f", but `{name}` itself in a loop" if order.again else ""
    return (
        f"{reader}() orders nothing: before it, nothing is loaded that is stored at {writer}{but}; "
        f"load `{name}` before {reader}(), or remove the barrier"
    )


def _nothing_after(order: Order, reader: str, writer: str) -> str:
    """A write barrier with all stores before it."""
    names = " and ".join(f"`{each.name}`" for each in order.objects)
    return (
        f"{writer} orders nothing: nothing is stored after it, so {reader}() has nothing to order "
        f"{names} with; store what announces them after the barrier"
    )


_INSTEAD = {("load of", "load of"): "smp_rmb()", ("store to", "store to"): "smp_wmb()"}
_MESSAGES: Mapping[str, Callable[[Order, str, str], str]] = {
    "wrong-branch": _wrong_branch,
    "nothing-before": _nothing_before,
    "nothing-after": _nothing_after,
}

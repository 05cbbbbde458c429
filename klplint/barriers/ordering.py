"""Which pair of a read barrier is checked for its order, and with which result."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal

import msgspec

from klplint.barriers.pairing import Pair, is_meant
from klplint.facts.partners import Order, OrderReason, OrderStatus, Partner

# Of the four accesses that show a wrong order, those that may be in functions which the two call,
# or which call them: the more there are, the less is certain.
# One less if the accesses are in the wrong order themselves.
_MOST_FOLLOWED = 2
_ORDERING_NOTHING = ("nothing-before", "nothing-after")
Reason = OrderReason | Literal["no-partner", "not-shown", "followed"]
"""`no-partner`: neither the comment nor the code shows one. `not-shown`: the function that the
comment names touches nothing of the reader's, or cannot be read. `followed`: too much of what would
be wrong is in other functions, or the order of the accesses is not what the barriers are for."""


class PairOrder(msgspec.Struct, frozen=True):
    """The result for a read barrier."""

    status: OrderStatus
    reason: Reason = ""
    order: Order | None = None
    partner: Partner | None = None
    """The other side of the pair that was checked; None if there is none."""


def order_of(pair: Pair, partners: Sequence[Partner]) -> PairOrder:
    """The order of a read barrier and the partner that its comment names, or that is certain.

    If that pair is right, or not checked, another partner may deviate from it.
    """
    result = _order_of_partner(pair, partners)
    # The function of a reader that is right with its partner may have other barriers for others.
    deviating = next(
        (
            each
            for each in partners
            if each.order.deviates and (result.status != "ordered" or not each.order.is_readers)
        ),
        None,
    )
    if deviating is None and result.status == "not-checked":
        deviating = next((each for each in partners if _is_of_wrong_kind(each)), None)
    if deviating and result.status != "misordered":
        return PairOrder("misordered", deviating.order.reason, deviating.order, deviating)
    return result


def _is_of_wrong_kind(partner: Partner) -> bool:
    """Whether the code shows plainly that a barrier is not of the kind that its place needs."""
    return partner.order.reason == "wrong-kind" and partner.order.is_plain


def is_misordered_once_named(barrier: str, function: str, partners: Sequence[Partner]) -> bool:
    """Whether a reader counts as misordered only if its comment names a barrier in a function.

    What the code alone shows has to be plain to count.
    """
    meant = _holding([each for each in partners if each.function == function], {barrier})
    if not meant or _best(meant, _named_result).status != "misordered":
        return False
    return _order_of_likely(partners).status != "misordered"


def _order_of_partner(pair: Pair, partners: Sequence[Partner]) -> PairOrder:
    claimed = [c for c in pair.counterparts if c.kind == "function" and c.status == "ok"]
    if pair.reading.pairing != "explicit" or not claimed:
        return _order_of_likely(partners)
    meant = [each for each in partners if any(is_meant(c, each) for c in claimed)]
    meant = _holding(meant, {name for each in claimed for name in each.holds})
    return _best(meant, _named_result) if meant else PairOrder("not-checked", "not-shown")


def _order_of_likely(partners: Sequence[Partner]) -> PairOrder:
    """The order of a reader that names no partner."""
    likely = [each for each in partners[:1] if each.confident or each.order.is_plain]
    return _best(likely, _result) if likely else PairOrder("not-checked", "no-partner")


def _holding(partners: list[Partner], barriers: Collection[str]) -> list[Partner]:
    """The partners without those that order nothing, if the comment names one of another kind."""
    if not any(each.barrier in barriers for each in partners):
        return partners
    return [
        each
        for each in partners
        if each.barrier in barriers or each.order.reason not in _ORDERING_NOTHING
    ]


def _best(partners: Sequence[Partner], result: Callable[[Partner], PairOrder]) -> PairOrder:
    """The first pair that is ordered, else that is not; a function may have several barriers."""
    statuses: tuple[OrderStatus, ...] = ("ordered", "misordered", "not-checked")
    return min(map(result, partners), key=lambda each: statuses.index(each.status))


def _result(partner: Partner) -> PairOrder:
    """The order of a pair that the code shows: wrong only if that is plain."""
    order = partner.order
    if order.reason == "same-side" and not order.is_plain:
        return PairOrder("not-checked", "followed", order, partner)
    return PairOrder(order.status, order.reason, order, partner)


def _named_result(partner: Partner) -> PairOrder:
    """The order of a pair that a comment names."""
    order = partner.order
    most = _MOST_FOLLOWED if order.is_in_turn else _MOST_FOLLOWED - 1
    if order.status == "misordered" and order.followed > most:
        return PairOrder("not-checked", "followed", order, partner)
    return PairOrder(order.status, order.reason, order, partner)

"""Which pair of a read barrier is checked for its order, and with which result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from klplint.barriers.pairing import Pair, is_meant
from klplint.facts.partners import Order, OrderReason, OrderStatus, Partner

# Of the four accesses that show a wrong order, those that may be in functions which the two call,
# or which call them: the more there are, the less is certain. Without a comment, none may be.
_MOST_FOLLOWED = 1
Reason = OrderReason | Literal["no-partner", "not-shown", "followed"]
"""`no-partner`: neither the comment nor the code shows one. `not-shown`: the function that the
comment names touches nothing of the reader's, or cannot be read. `followed`: too much of what would
be wrong is in other functions."""


class PairOrder(msgspec.Struct, frozen=True):
    """The result for a read barrier."""

    status: OrderStatus
    reason: Reason = ""
    order: Order | None = None
    partner: Partner | None = None
    """The other side of the pair that was checked; None if there is none."""


def order_of(pair: Pair, partners: Sequence[Partner]) -> PairOrder:
    """The order of a read barrier and the partner that its comment names, or that is certain."""
    claimed = [c for c in pair.counterparts if c.kind == "function" and c.status == "ok"]
    if pair.reading.pairing != "explicit" or not claimed:
        certain = [each for each in partners[:1] if each.confident]
        return _best(certain, 0) if certain else PairOrder("not-checked", "no-partner")
    meant = [each for each in partners if any(is_meant(c, each) for c in claimed)]
    return _best(meant, _MOST_FOLLOWED) if meant else PairOrder("not-checked", "not-shown")


def _best(partners: Sequence[Partner], most_followed: int) -> PairOrder:
    """The first pair that is ordered, else that is not; a pair may have several barriers."""
    results = [_result(each, most_followed) for each in partners]
    statuses: tuple[OrderStatus, ...] = ("ordered", "misordered", "not-checked")
    return min(results, key=lambda result: statuses.index(result.status))


def _result(partner: Partner, most_followed: int) -> PairOrder:
    order = partner.order
    if order.status == "misordered" and order.followed > most_followed:
        return PairOrder("not-checked", "followed", order, partner)
    return PairOrder(order.status, order.reason, order, partner)

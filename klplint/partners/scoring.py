"""From ranked candidates to partners: how likely each is, and whether the first one is certain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from klplint.facts.barrier_contexts import UNKNOWN, Access
from klplint.facts.partners import ObjectUse, Order, Partner, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.evidence import Shared
from klplint.partners.object_index import Sited
from klplint.partners.ranking import Candidate

_MOST_PARTNERS = 10
_MOST_OBJECTS = 6
# A logistic model of how likely the first answer is right, fitted to comments that name their
# partner: see docs/pairing.md.
_BASE = 0.36
_CROSSED = 0.36
_LEAD = 0.8
_BOTH_WAYS = 1.1
_NEAR = 0.6
_SAME_SIDE = -0.34
_LEAST = 0.01
_MOST_LEAD = 2.5
_MOST_SAME_SIDE = 1.5
# What makes an answer confident: so much evidence, little of it from objects on the same side,
# and so likely. An object in one direction alone has to be stronger.
_LEAST_CROSSED = 0.15
_MOST_SAME = 1.2
_CONFIDENT = 0.74
_LEAST_ALONE = 0.2
_CONFIDENT_ALONE = 0.76
# A member whose structure is not known may be another one of that name, unless it is so rare.
_FEW_USERS = 4


def partners(
    ranked: Sequence[Candidate],
    rules: AccessRules,
    orders: Callable[[Sequence[Sited]], Sequence[Order]],
) -> tuple[Partner, ...]:
    """The best candidates as facts; `orders` says whether the reader and each are in order."""
    if not ranked:
        return ()
    likely, best = likelihood(ranked), ranked[0].amount
    is_clear, first = is_confident(ranked, rules), ranked[:_MOST_PARTNERS]
    checked = zip(first, orders([each.site for each in first]), strict=True)
    return tuple(
        _partner(
            candidate,
            likely * (candidate.amount / best) ** 2,
            order,
            confident=is_clear and number == 0,
        )
        for number, (candidate, order) in enumerate(checked)
    )


def _partner(candidate: Candidate, score: float, order: Order, *, confident: bool) -> Partner:
    context = candidate.site.context
    return Partner(
        function=context.function,
        path=candidate.site.path,
        barrier=context.barrier,
        line=context.line,
        column=context.column,
        score=round(score, 2),
        confident=confident,
        objects=tuple(map(_object, candidate.evidence.shared[:_MOST_OBJECTS])),
        order=order,
    )


def likelihood(ranked: Sequence[Candidate]) -> float:
    """How likely the first candidate is the partner, by the evidence and its lead."""
    first, rival = ranked[0], _second(ranked)
    lead = first.amount / rival.amount if rival else math.inf
    crossed = max(_LEAST, first.evidence.strongest(crossed=True))
    same = first.evidence.strongest(crossed=False) / crossed
    value = (
        _BASE
        + _CROSSED * math.log(crossed)
        + _LEAD * min(_MOST_LEAD, math.log(max(lead, 1.0)))
        + _BOTH_WAYS * first.evidence.is_both_ways
        + _NEAR * first.is_near
        + _SAME_SIDE * min(_MOST_SAME_SIDE, same)
    )
    return 1 / (1 + math.exp(-value))


def _second(ranked: Sequence[Candidate]) -> Candidate | None:
    """The best candidate in another function than the first one."""
    first = ranked[0].site.function
    return next((each for each in ranked if each.site.function != first), None)


def is_confident(ranked: Sequence[Candidate], rules: AccessRules) -> bool:
    """Whether the evidence for the first candidate is clear.

    Not in one function: its barriers share what they share for other reasons. Not for the
    publication of a pointer: whoever loads that needs no barrier.
    """
    first = ranked[0]
    crossed, same = (first.evidence.strongest(crossed=way) for way in (True, False))
    if crossed < _LEAST_CROSSED or same > _MOST_SAME * crossed:
        return False
    if first.is_own or first.is_taken or rules.publishes(first.site.context.barrier):
        return False
    top = next(shared for shared in first.evidence.shared if shared.is_crossed)
    if bool(top.reader.bit) != bool(top.writer.bit):
        return False  # the whole object, and one of its bits
    if not _is_typed(top) and top.users > _FEW_USERS:
        return False
    if first.evidence.is_both_ways:
        return likelihood(ranked) >= _CONFIDENT
    is_plain = top.reader.kind == "load" and crossed >= _LEAST_ALONE
    return is_plain and likelihood(ranked) >= _CONFIDENT_ALONE


def _is_typed(shared: Shared) -> bool:
    return shared.reader.structure == shared.writer.structure != UNKNOWN


def _object(shared: Shared) -> SharedObject:
    name = max(shared.reader.text, shared.writer.text, key=len)
    return SharedObject(
        name,
        _use(shared.reader, "before" if shared.reader_before else "after"),
        _use(shared.writer, "before" if shared.writer_before else "after"),
    )


def _use(access: Access, side: Literal["before", "after"]) -> ObjectUse:
    end = access.column + len(access.name or access.via)
    return ObjectUse(side, access.kind, access.line, access.column, end, access.via)

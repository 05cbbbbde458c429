"""From ranked candidates to partners: how likely each is, and whether the first one is certain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from klplint.facts.barrier_contexts import Access
from klplint.facts.partners import ObjectUse, Order, Partner, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.certainty import is_certain
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


def partners(
    ranked: Sequence[Candidate],
    rules: AccessRules,
    orders: Callable[[Sequence[Sited]], Sequence[Order]],
) -> tuple[Partner, ...]:
    """The best candidates as facts; `orders` says whether the reader and each are in order."""
    if not ranked:
        return ()
    likely, best = likelihood(ranked), ranked[0].amount
    is_clear, first = is_certain(ranked, rules, likely), ranked[:_MOST_PARTNERS]
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
    first, lead = ranked[0], _lead(ranked)
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


def _lead(ranked: Sequence[Candidate]) -> float:
    """How far the first candidate is before those in other functions.

    Not farther than by the objects that are the same for certain.
    """
    first = ranked[0]
    others = [each for each in ranked if each.site.function != first.site.function]
    rival = max((each.amount for each in others), default=0.0)
    sure_rival = max((each.sure for each in others), default=0.0)
    lead = first.amount / rival if rival else math.inf
    return min(lead, first.sure / sure_rival) if sure_rival else lead


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

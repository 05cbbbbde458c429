"""From ranked candidates to partners: how likely each is, and whether the first one is certain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from klplint.facts.barrier_contexts import Access
from klplint.facts.partners import ObjectUse, Order, Partner, SharedObject
from klplint.partners.access_rules import AccessRules
from klplint.partners.evidence import Evidence, Shared
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
# and so likely. An object in one direction alone has to be stronger, and the more so if the reader
# loads it behind its barrier: what that barrier orders it with is not shared.
_LEAST_CROSSED = 0.15
_MOST_SAME = 1.2
_CONFIDENT = 0.74
_LEAST_ALONE = 0.2
_CONFIDENT_ALONE = 0.76
_CONFIDENT_BEHIND = 0.84


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


def is_confident(ranked: Sequence[Candidate], rules: AccessRules) -> bool:
    """Whether the evidence for the first candidate is clear.

    Not in one function: its barriers share what they share for other reasons. Not for the
    publication of a pointer: whoever loads that needs no barrier.
    """
    first = ranked[0]
    top = first.evidence.announced
    if first.is_own or first.is_taken or rules.publishes(first.site.context.barrier):
        return False
    if top is None or not _is_clear(first.evidence, top) or _is_outdone(ranked):
        return False
    if first.evidence.is_both_ways:
        return likelihood(ranked) >= _CONFIDENT
    return _is_enough_alone(first, top) and likelihood(ranked) >= (
        _CONFIDENT_ALONE if top.reader_before else _CONFIDENT_BEHIND
    )


def _is_clear(evidence: Evidence, top: Shared) -> bool:
    """Whether the strongest object that crosses says enough."""
    if top.weight < _LEAST_CROSSED or not top.is_same_object:
        return False
    if bool(top.reader.bit) != bool(top.writer.bit):
        return False  # the whole object, and one of its bits
    return evidence.strongest(crossed=False) <= _MOST_SAME * top.weight


def _is_enough_alone(first: Candidate, top: Shared) -> bool:
    """Whether an object in one direction may be the data or their announcement.

    Behind the reader's barrier, it is data that nothing shared announces. Then the other barrier
    has to be one for the purpose, and the object more than a variable that one side waits for.
    """
    if top.reader.kind != "load" or top.weight < _LEAST_ALONE:
        return False
    if not first.is_near and first.evidence.is_mixed(top):
        return False
    return top.reader_before or (first.is_usual and not first.evidence.is_kept(top))


def _is_outdone(ranked: Sequence[Candidate]) -> bool:
    """Whether another function shares more, and is behind only for the kind of its barrier."""
    first = ranked[0]
    return any(
        other.by_objects > first.by_objects and other.site.function != first.site.function
        for other in ranked
    )


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

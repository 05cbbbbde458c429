"""From ranked candidates to partners: how likely each is, and whether the first one is certain."""

from __future__ import annotations

import math
from collections.abc import Sequence

from klplint.facts.barrier_contexts import UNKNOWN, Access
from klplint.facts.partners import ObjectUse, Partner, SharedObject
from klplint.partners.ranking import Candidate, Shared

MOST_PARTNERS = 10
# The logistic model of how likely the first answer is right. Fitted to comments that name their
# partner: see docs/pairing.md.
_BASE = 0.36
_CROSSED = 0.36
_LEAD = 0.8
_BOTH_WAYS = 1.1
_NEAR = 0.6
_SAME_SIDE = -0.34
_LEAST = 0.01
_MOST_LEAD = 2.5
# What makes an answer confident: so much evidence, not from objects on the same side, so likely.
_LEAST_CROSSED = 0.15
_MOST_SAME = 1.2
_CONFIDENT = 0.74
_CONFIDENT_ALONE = 0.76
_LEAST_ALONE = 0.2
# A member whose structure is not known may be another one of that name, unless it is so rare.
_FEW_USERS = 4
_MOST_OBJECTS = 6


def partners(ranked: Sequence[Candidate]) -> tuple[Partner, ...]:
    """The best candidates as facts."""
    if not ranked:
        return ()
    likely, best = likelihood(ranked), ranked[0].evidence
    scores = [likely * (each.evidence / best) ** 2 for each in ranked[:MOST_PARTNERS]]
    return tuple(
        _partner(candidate, score, confident=number == 0 and is_confident(ranked))
        for number, (candidate, score) in enumerate(zip(ranked, scores, strict=False))
    )


def _partner(candidate: Candidate, score: float, *, confident: bool) -> Partner:
    context = candidate.site.context
    return Partner(
        function=context.function,
        path=candidate.site.path,
        barrier=context.barrier,
        line=context.line,
        column=context.column,
        score=round(score, 2),
        confident=confident,
        objects=tuple(map(_shared, candidate.shared[:_MOST_OBJECTS])),
    )


def likelihood(ranked: Sequence[Candidate]) -> float:
    """How likely the first candidate is the partner, by the evidence and its lead."""
    first, rival = ranked[0], second(ranked)
    lead = first.evidence / rival.evidence if rival else math.inf
    crossed, same = first.strongest(crossed=True), first.strongest(crossed=False)
    return _logistic(
        _BASE
        + _CROSSED * math.log(max(crossed, _LEAST))
        + _LEAD * min(_MOST_LEAD, math.log(max(lead, 1.0)))
        + _BOTH_WAYS * first.is_pattern
        + _NEAR * first.is_near
        + _SAME_SIDE * min(1.5, same / max(crossed, _LEAST))
    )


def is_confident(ranked: Sequence[Candidate]) -> bool:
    """Whether the evidence for the first candidate is clear."""
    crossed, same = (ranked[0].strongest(crossed=way) for way in (True, False))
    is_strong = crossed >= _LEAST_CROSSED and same <= _MOST_SAME * crossed
    if not is_strong or ranked[0].is_own:
        return False
    top = next(shared for shared in ranked[0].shared if shared.is_crossed)
    is_typed = top.reader.structure == top.writer.structure != UNKNOWN
    if not is_typed and top.users > _FEW_USERS:
        return False
    if ranked[0].is_pattern:
        return likelihood(ranked) >= _CONFIDENT
    is_plain = top.reader.kind == "load" and crossed >= _LEAST_ALONE
    return is_plain and likelihood(ranked) >= _CONFIDENT_ALONE


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def second(ranked: Sequence[Candidate]) -> Candidate | None:
    """The best candidate in another function than the first one."""
    if not ranked:
        return None
    first = ranked[0].site
    others = (
        each
        for each in ranked
        if (each.site.path, each.site.context.function) != (first.path, first.context.function)
    )
    return next(others, None)


def _shared(shared: Shared) -> SharedObject:
    name = max(shared.reader.text, shared.writer.text, key=len)
    return SharedObject(
        name,
        _use(shared.reader, before=shared.reader_before),
        _use(shared.writer, before=shared.writer_before),
    )


def _use(access: Access, *, before: bool) -> ObjectUse:
    side = "before" if before else "after"
    end = access.column + len(access.name or access.via)
    return ObjectUse(side, access.kind, access.line, access.column, end, access.via)

"""From ranked candidates to partners: how likely each is, and whether the first one is certain."""

from __future__ import annotations

from collections.abc import Sequence

from klplint.facts.barrier_contexts import Access
from klplint.facts.partners import ObjectUse, Partner, SharedObject
from klplint.partners.ranking import Candidate, Shared

MOST_PARTNERS = 10
_MOST_OBJECTS = 6


def partners(ranked: Sequence[Candidate]) -> tuple[Partner, ...]:
    """The best candidates as facts; several barriers of a function count as one."""
    return tuple(
        _partner(candidate, ranked, first=number == 0)
        for number, candidate in enumerate(ranked[:MOST_PARTNERS])
    )


def _partner(candidate: Candidate, ranked: Sequence[Candidate], *, first: bool) -> Partner:
    context = candidate.site.context
    rival = second(ranked).evidence if first and second(ranked) else ranked[0].evidence
    score = candidate.evidence / (candidate.evidence + max(rival, 0.1))
    return Partner(
        function=context.function,
        path=candidate.site.path,
        barrier=context.barrier,
        line=context.line,
        column=context.column,
        score=round(score, 2),
        confident=first and is_confident(ranked),
        objects=tuple(map(_shared, candidate.shared[:_MOST_OBJECTS])),
    )


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


def is_confident(ranked: Sequence[Candidate]) -> bool:
    """Whether the evidence for the first candidate is clear."""
    rival = second(ranked)
    evidence = ranked[0].evidence
    return evidence > 0.5 and (rival is None or evidence > 1.5 * rival.evidence)


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

"""When the first candidate for a partner is certain: only then do messages name it."""

from __future__ import annotations

from collections.abc import Sequence

from klplint.partners.access_rules import AccessRules
from klplint.partners.evidence import Evidence, Shared
from klplint.partners.ranking import Candidate

# What makes an answer confident: so much evidence, little of it from objects on the same side,
# and so likely. An object in one direction alone has to be stronger, and the more so if the reader
# loads it behind its barrier: what that barrier orders it with is not shared.
_LEAST_CROSSED = 0.15
_MOST_SAME = 1.2
_CONFIDENT = 0.74
_LEAST_ALONE = 0.2
_CONFIDENT_ALONE = 0.76
_CONFIDENT_BEHIND = 0.84


def is_certain(ranked: Sequence[Candidate], rules: AccessRules, likely: float) -> bool:
    """Whether the evidence for the first candidate is clear; `likely` is how likely it is.

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
        return likely >= _CONFIDENT
    return _is_enough_alone(first, top) and likely >= (
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

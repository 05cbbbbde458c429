"""What messages say about the partner of a read barrier that the code shows."""

from __future__ import annotations

import msgspec

from klplint.checks.base import place
from klplint.facts.barrier_contexts import AccessKind
from klplint.facts.file_facts import Barrier, FileFacts
from klplint.facts.partners import ObjectUse, Partner, SharedObject
from klplint.facts.queries import TreeFacts
from klplint.facts.region import Region
from klplint.findings.finding import Draft, Place

# Objects that a finding shows: one that the barriers order, and the one that says it is there.
_MOST_OBJECTS = 2
_LOADS: tuple[AccessKind, ...] = ("load", "both")
_STORES: tuple[AccessKind, ...] = ("store", "both")
_DONE: dict[AccessKind, str] = {
    "load": "loaded",
    "store": "stored",
    "both": "changed",
    "address": "accessed",
}


def confident_partner(tree: TreeFacts, path: str, barrier: Barrier) -> Partner | None:
    """The partner of a barrier that the code shows without doubt, if there is one."""
    partners = tree.partners_of(path, barrier.region)
    return partners[0] if partners and partners[0].confident else None


def with_partner(
    draft: Draft, partner: Partner | None, facts: FileFacts, *, is_named: bool = False
) -> Draft:
    """A finding that also names the partner which the code shows.

    `is_named` says that the message ends with the name of its function.
    """
    if partner is None:
        return draft
    begin = " By" if draft.message.endswith("?") else "; by"
    whose = f"the partner is {in_words(partner)}"
    if is_named:
        whose = f"its {partner.barrier}() (line {partner.line}) is the partner"
    account = f"{whose}: {evidence(partner)}"
    return msgspec.structs.replace(
        draft,
        message=f"{draft.message}{begin} the code, {account}",
        related=(*draft.related, *partner_places(partner, facts)),
    )


def in_words(partner: Partner) -> str:
    """A partner as messages name it: its barrier, its function and where that is."""
    return f"{partner.barrier}() in {partner.function}() ({partner.path}:{partner.line})"


def evidence(partner: Partner) -> str:
    """What both sides of a pair share, as part of a sentence."""
    flag, data = _both_ways(partner)
    if flag and data:  # perhaps by a function around the writer or the reader
        return (
            f"`{data.name}` is stored before it and `{flag.name}` after it, "
            "and the reader loads them in the opposite order"
        )
    names = [f"`{shared.name}`" for shared in shown(partner)]
    return f"both sides access {' and '.join(names)}"


def shown(partner: Partner) -> list[SharedObject]:
    """The objects that a finding shows: if possible one that the reader loads on each side."""
    pair = [each for each in _both_ways(partner) if each]
    return pair or list(partner.objects[:_MOST_OBJECTS])


def _both_ways(partner: Partner) -> tuple[SharedObject | None, SharedObject | None]:
    """The best object that the reader loads before, and another one that it loads after.

    The writer stores each on the other side of its barrier.
    """
    crossed = [each for each in partner.objects if each.is_crossed]
    passed = [e for e in crossed if e.reader.kind in _LOADS and e.writer.kind in _STORES]
    # What a caller or callee accesses convinces less than what is beside the barrier.
    passed.sort(key=lambda each: bool(each.reader.via) + bool(each.writer.via))
    for first in passed:
        side = first.reader.side
        others = (e for e in passed if e.reader.side != side and e.name != first.name)
        other = next(others, None)
        if other:
            return (first, other) if side == "before" else (other, first)
    top = crossed[0] if crossed else None
    return (top, None) if top and top.reader.side == "before" else (None, top)


def partner_places(partner: Partner, facts: FileFacts) -> tuple[Place, ...]:
    """Where the partner is, and where both sides access what they share."""
    label = f"{partner.barrier}() in {partner.function}(), which accesses the same"
    places = [Place(partner.path, partner.region, label)]
    for shared in shown(partner):
        places.extend(reversed(shared_places(shared, partner, facts)))
    return tuple(places)


def shared_places(shared: SharedObject, partner: Partner, facts: FileFacts) -> tuple[Place, Place]:
    """Where the reader accesses a shared object, and where its partner does."""
    reader, writer = shared.reader, shared.writer
    return (
        place(facts, _region(reader), _label(shared, reader)),
        Place(partner.path, _region(writer), _label(shared, writer)),
    )


def _label(shared: SharedObject, use: ObjectUse) -> str:
    through = f" by {use.via}()" if use.via else ""
    return f"`{shared.name}` is {_DONE[use.kind]}{through} {use.side} the barrier"


def _region(use: ObjectUse) -> Region:
    return Region(use.line, use.column, use.line, use.end_column)

"""What the listing of pairs says about their order."""

from __future__ import annotations

import msgspec

from klplint.barriers.ordering import PairOrder, Reason
from klplint.facts.partners import ObjectUse, SharedObject
from klplint.printable import encodable

MISORDERED = "MISORDERED"
_REASONS: dict[Reason, str] = {
    "no-partner": "no comment and no certain partner",
    "not-shown": "the function that the comment names touches nothing of the reader's",
    "followed": "what is on the same side of both barriers may be so on purpose",
    "nothing-shared": "both sides share no object for certain",
    "uncertain": "what they share may be ordered, but its structure is not known, or its address "
    "is passed on",
    "one-object": "both sides share only one object",
    "again": "an object is accessed on both sides of a barrier",
    "one-way": "what both share is all in one direction; the rest may be in other functions",
    "other-barrier": "another barrier of the two functions orders what they share",
    "one-function": "both barriers are in one function",
    "dependency": "the writer publishes a pointer, whose readers need no barrier",
}

_FAULTS: dict[Reason, str] = {
    "wrong-branch": "{1} is loaded on a way without the barrier",
    "nothing-before": "nothing is loaded before the read barrier, not even {0}",
    "nothing-after": "nothing is stored after the write barrier, which is behind {0}",
}


class Use(msgspec.Struct, frozen=True):
    """How one side accesses an object."""

    side: str
    """Whether it accesses it `before` or `after` its barrier."""
    access: str
    """What it does: `load`, `store`, or both."""
    line: int
    """The line, from 1."""
    via: str
    """The helper or function that makes the access; empty if it is plain."""


class Object(msgspec.Struct, frozen=True):
    """An object that both sides access."""

    name: str
    """The structure and its member, as in `ring.head`."""
    reader: Use
    """How the side that reads accesses it."""
    writer: Use
    """How the side that writes accesses it."""


class Writer(msgspec.Struct, frozen=True):
    """The other side of the pair that was checked."""

    function: str
    """The function that holds the barrier."""
    file: str
    """The path from the root of the sources, with `/`."""
    line: int
    """The line, from 1."""
    barrier: str
    """The primitive."""


class OrderDocument(msgspec.Struct, frozen=True):
    """The order of a pair in JSON."""

    status: str
    """`ordered`, `misordered` or `not-checked`."""
    reason: str
    """What is wrong, or why it was not checked; empty if it is ordered."""
    writer: Writer | None
    """The other side that was checked; null if there is none."""
    objects: tuple[Object, ...]
    """The objects that show it."""


def as_document(result: PairOrder) -> OrderDocument:
    """The order of a pair, for the JSON form."""
    partner = result.partner
    return OrderDocument(
        status=result.status,
        reason=result.reason,
        writer=Writer(partner.function, encodable(partner.path), partner.line, partner.barrier)
        if partner
        else None,
        objects=tuple(map(shared_object, result.order.objects)) if result.order else (),
    )


def shared_object(shared: SharedObject) -> Object:
    """A shared object in JSON."""
    return Object(shared.name, _use(shared.reader), _use(shared.writer))


def _use(use: ObjectUse) -> Use:
    return Use(use.side, use.kind, use.line, use.via)


def in_words(result: PairOrder) -> str:
    """The order of a pair as a line of text; empty where there is no pair."""
    partner = result.partner
    if result.reason == "no-partner":
        return ""
    names = [f"`{shared.name}`" for shared in result.order.objects] if result.order else []
    if result.status == "not-checked" or not partner:
        return f"order not checked: {_REASONS[result.reason]}"
    if result.status == "ordered":
        return f"ordered with {partner.function}(): {names[0]}, then {names[1]}"
    if result.reason == "wrong-kind":
        what = _wrong_kind(result)
    else:
        what = _FAULTS.get(result.reason, f"{{0}} is {_side(result)} both barriers").format(*names)
    return f"{MISORDERED} with {partner.function}(): {what}"


def _wrong_kind(result: PairOrder) -> str:
    """What a barrier would have to order."""
    objects = result.order.objects if result.order else ()
    deeds = {"load": "loading", "store": "storing"}
    return ", then ".join(f"{deeds.get(o.reader.kind, 'changing')} `{o.name}`" for o in objects)


def _side(result: PairOrder) -> str:
    return result.order.objects[0].reader.side if result.order else ""

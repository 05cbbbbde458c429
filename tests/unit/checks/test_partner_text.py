"""What messages say about a partner."""

from __future__ import annotations

import pytest

from klplint.checks.partner_text import evidence, shown
from klplint.facts.barrier_contexts import AccessKind
from klplint.facts.partners import ObjectUse, Partner, SharedObject, Side

Use = tuple[Side, AccessKind]


def shared(name: str, reader: Use, writer: Use) -> SharedObject:
    return SharedObject(name, ObjectUse(*reader, 1, 1, 5), ObjectUse(*writer, 9, 1, 5))


def partner(*objects: SharedObject) -> Partner:
    return Partner("f", "a.c", "smp_wmb", 8, 2, 0.9, confident=True, objects=objects)


HEAD = shared("head", ("before", "load"), ("after", "store"))
SLOT = shared("slot", ("after", "load"), ("before", "store"))
ECHO = shared("head", ("after", "load"), ("before", "store"))
BOTH_WAYS = (
    "`slot` is stored before it and `head` after it, "
    "and the reader loads them in the opposite order"
)
SAME = shared("lock", ("after", "address"), ("after", "address"))


@pytest.mark.parametrize(
    ("objects", "text"),
    [
        (
            (HEAD, SLOT),
            BOTH_WAYS,
        ),
        (
            (SLOT, ECHO, HEAD),
            BOTH_WAYS,
        ),
        ((HEAD,), "both sides access `head`"),
        ((HEAD, ECHO), "both sides access `head`"),
        ((SAME, SLOT), "both sides access `slot`"),
        ((SAME,), "both sides access `lock`"),
    ],
)
def test_evidence(objects: tuple[SharedObject, ...], text: str) -> None:
    assert evidence(partner(*objects)) == text


def test_what_is_shown_is_what_the_text_says() -> None:
    assert shown(partner(SAME, SLOT, HEAD)) == [HEAD, SLOT]
    assert shown(partner(SAME)) == [SAME]

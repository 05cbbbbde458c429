"""Functions that are named like barriers, and barriers in capitals."""

from __future__ import annotations

import pytest

from klplint.barriers.primitives import Site
from klplint.barriers.verdicts import Pairing
from tests.support.comment_reading import READER, WRITER, names, read


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        ("bk_wmb() doesn't have a write barrier.", "none", []),
        ("Pairs with nothing in bk_wmb() anymore.", "none", []),
        ("bk_wmb() lacks the matching write barrier.", "none", []),
        ("It's unclear what this pairs with; maybe bk_wmb().", "none", []),
        ("maybe bk_wmb()", "none", []),
        ("Set by bk_wmb() before the head.", "implicit", ["bk_wmb"]),
        ("Races with bk_wmb() on another CPU.", "implicit", ["bk_wmb"]),
        ("Races with bk_mb() on another CPU.", "implicit", ["bk_mb"]),
        ("Set by foo_rmb().", "implicit", ["foo_rmb"]),
        ("foo_rmb() is cheap.", "none", []),
        ("We call bk_wmb() later.", "none", []),
        ("without bk_wmb(), this does not work", "none", []),
        ("bk_mb() has no barrier", "none", []),
        ("bk_mb() runs first", "none", []),
        ("Pairs with bk_wmb().", "explicit", ["bk_wmb"]),
        ("Pairs with smp_wmb() in bk_wmb().", "explicit", ["bk_wmb"]),
        ("smp_wmb() in bk_wmb()", "explicit", ["bk_wmb"]),
        ("bk_wmb() has the write barrier", "explicit", ["bk_wmb"]),
        ("bk_wmb() uses smp_mb() for that", "explicit", ["bk_wmb"]),
        ("matches bk_wmb()", "explicit", ["bk_wmb"]),
        ("counterpart in bk_wmb()", "explicit", ["bk_wmb"]),
        ("barrier pairing: bk_wmb()", "explicit", ["bk_wmb"]),
        ("Pairs with smp_wmb() in bk_rmb().", "explicit", ["bk_rmb"]),
        ("Pairs with smp_wmb() in bk_mb().", "explicit", ["bk_mb"]),
        ("Pairs with the write barrier in bk_mb.", "explicit", ["bk_mb"]),
        ("Pairs with the foo_wmb() in bar().", "explicit", []),
        ("the foo_wmb() in bar() orders the stores", "explicit", []),
        ("after the foo_wmb() of the producer", "explicit", []),
        ("Pairs with the foo_mb() in bar()", "explicit", []),
        ("see the foo_wmb() in bar()", "explicit", []),
        ("Pairs with foo_wmb in bar()", "explicit", []),
        ("pairs with virtio_wmb()", "explicit", []),
        ("Set by bk_wmb", "implicit", ["bk_wmb"]),
        ("bk_wmb() is missing a write barrier", "none", []),
        ("There is no barrier in bk_wmb().", "none", []),
        ("bk_wmb() needs no barrier because of the lock", "none", []),
        ("Does bk_wmb() pair with this?", "none", []),
        ("Not paired with bk_wmb().", "none", []),
        ("not needed, bk_wmb() is called under the lock", "none", []),
        ("bk_wmb() has nothing that pairs with this.", "none", []),
        ("Updated by bk_wmb().", "implicit", ["bk_wmb"]),
        ("head was written in bk_wmb()", "implicit", ["bk_wmb"]),
        ("bk_wmb() sets the head", "implicit", ["bk_wmb"]),
        ("bk_wmb() has the matching barrier", "explicit", ["bk_wmb"]),
        ("Pairs with the barrier in bk_wmb()", "explicit", ["bk_wmb"]),
        ("ordered against the update in bk_wmb()", "explicit", ["bk_wmb"]),
        ("see the comment in bk_wmb()", "explicit", ["bk_wmb"]),
        ("vs bk_wmb()", "explicit", ["bk_wmb"]),
        ("Pairs with gfar_wmb() in gfar_start_xmit().", "explicit", []),
        ("Pairs with the write barrier gfar_wmb() in gfar_start_xmit().", "explicit", []),
        ("The gfar_wmb() in gfar_start_xmit() makes the descriptor visible first.", "explicit", []),
        ("gfar_wmb() in gfar_start_xmit() orders the descriptor", "explicit", []),
        ("The counterpart is virtio_wmb().", "explicit", []),
        ("matches the wmb in bk_wmb", "explicit", []),
        ("Pairs with the wmb in bk_wmb()", "explicit", ["bk_wmb"]),
        ("We need bk_rmb() before this.", "none", []),
        ("this is like bk_rmb()", "none", []),
        ("bk_rmb() uses this, too", "none", []),
    ],
)
def test_a_name_like_a_barrier_counts_as_any_other(
    text: str, pairing: Pairing, partners: list[str]
) -> None:
    reading = read(text)
    assert reading.pairing == pairing
    assert not partners or names(reading) == partners
    for name in {"bk_wmb", "bk_rmb", "bk_mb"} & set(partners):
        assert read(text.replace(name, "bk_put")).pairing == pairing


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        ("so that bw_rmb() sees the slot", "implicit", ["bw_rmb"]),
        ("bw_rmb() has no read barrier", "none", []),
        ("bw_rmb() doesn't have a read barrier", "none", []),
        ("pairs with smp_rmb() in bw_rmb()", "explicit", ["bw_rmb"]),
        ("matches the read barrier in bw_rmb()", "explicit", ["bw_rmb"]),
        ("pairs with the foo_rmb() in bar()", "explicit", ["foo_rmb", "bar"]),
        ("maybe bw_rmb()", "none", []),
        ("Pairs with nothing in bw_rmb().", "none", []),
    ],
)
def test_so_it_does_on_the_write_side(text: str, pairing: Pairing, partners: list[str]) -> None:
    reading = WRITER.read_comment(f"/* {text} */", Site("smp_wmb", "writer"))
    assert reading.pairing == pairing
    assert not partners or names(reading) == partners


def test_the_words_that_decide_are_those_of_the_comment() -> None:
    assert read("Set by bk_wmb().").because == "bk_wmb()"
    assert "bk_wmb()" in read("Pairs with smp_wmb() in bk_wmb().").because
    assert read("Pairs with smp_rmb() in bk_rmb().").impossible == "smp_rmb() in bk_rmb()"


def test_an_alias_of_the_barrier_is_the_barrier() -> None:
    site = Site("smp_rmb", "reader", "foo_rmb")
    assert READER.read_comment("/* foo_rmb() orders a before b */", site).pairing == "none"
    assert READER.read_comment("/* foo_rmb() pairs with bar() */", site).pairing == "explicit"


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        ("PAIRS WITH THE SMP_WMB() IN foo()", "explicit", ["foo"]),
        ("Pairs with SMP_WMB() in foo()", "explicit", ["foo"]),
        ("Pairs with SMP_STORE_RELEASE() in foo()", "explicit", ["foo"]),
        ("PAIRS WITH THE SMP_WMB() IN FOO_BAR()", "explicit", []),
        ("THE WMB() IN foo() IS THE OTHER HALF", "explicit", ["foo"]),
        ("SMP_RMB() ORDERS THE HEAD", "none", []),
        ("Pairs with FOO_PUBLISH()", "explicit", ["FOO_PUBLISH"]),
        ("PAIRS WITH SMP_STORE_RELEASE() IN foo()", "explicit", ["foo"]),
        ("Pairs with RCU_ASSIGN_POINTER() in foo()", "explicit", ["foo"]),
        ("Pairs with foo() and SET_FOO()", "explicit", ["foo", "SET_FOO"]),
        ("SMP_WMB() IS NOT NEEDED", "none", []),
        ("This orders SMP_RMB().", "none", []),
    ],
)
def test_a_barrier_in_capitals_is_that_barrier(
    text: str, pairing: Pairing, partners: list[str]
) -> None:
    reading = read(text)
    assert reading.pairing == pairing
    assert not partners or names(reading) == partners

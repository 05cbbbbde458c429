"""Words of a comment that look like the partner's, and are about something else."""

from __future__ import annotations

import pytest

from klplint.barriers.verdicts import Pairing
from klplint.facts.file_facts import Barrier, Comment, CommentPlace
from klplint.facts.region import Region
from tests.support.comment_reading import READER, names, read


def near(
    *comments: tuple[CommentPlace, int, int, str], name: str = "smp_rmb", siblings: int = 1
) -> Pairing:
    """The reading of a barrier on line 10, with comments by place, gap, line and text."""
    texts = tuple(
        Comment(f"/* {text} */", Region(line, 1, line, 9), place, gap)
        for place, gap, line, text in comments
    )
    barrier = Barrier(name=name, region=Region(10, 1, 10, 9), function="reader", comments=texts)
    return READER.read_barrier(barrier, siblings=siblings).pairing


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("Pairs with the WRITE_ONCEs in f_of()", ["f_of"]),
        ("Pairs with WRITE_ONCEs() in f_of()", ["f_of"]),
        ("Pairs with READ_ONCEs() in f_of()", []),
        ("Matches the smp_wmb() before the WRITE_ONCEs() of f_of()", ["f_of"]),
        ("Pairs with f_of(), which has RING_MARKs", ["f_of"]),
        ("Pairs with RING_MARKs()", ["RING_MARK"]),
        ("Pairs with RING_marks()", ["RING_marks"]),
    ],
)
def test_the_plural_of_a_macro_is_this_macro(text: str, partners: list[str]) -> None:
    assert names(read(text)) == partners


@pytest.mark.parametrize(
    ("text", "partners"),
    [
        ("Pairs with smp_wmb() in push.", ["push"]),
        ("Paired with spin_unlock() in f_of(), and smp_wmb() in push", ["f_of", "push"]),
        ("the smp_wmb() in push and smp_store_release() in pull", ["push", "pull"]),
        ("Pairs with smp_wmb() in most drivers", []),
        ("Pairs with smp_wmb(), in order to read", []),
        ("Pairs with the writer in push.", []),
    ],
)
def test_an_everyday_word_may_be_the_place_of_a_primitive(text: str, partners: list[str]) -> None:
    assert names(read(text)) == partners


@pytest.mark.parametrize(
    ("text", "pairing", "partners"),
    [
        ("This matches the lwsync in entry.S just before the fast_exit label.", "explicit", 1),
        ("corresponds to the mfence in entry.S", "explicit", 1),
        ("Matches the eieio instruction in f_of()", "explicit", 1),
        ("Pairs with lwsync in entry.S, before the fast_exit label", "explicit", 1),
        ("Matches the lwsync", "none", 0),
        ("The lwsync in entry.S is slow", "none", 0),
        ("matches what entry.S does with lwsync", "none", 0),
    ],
)
def test_an_instruction_with_a_place_is_the_other_side(
    text: str, pairing: Pairing, partners: int
) -> None:
    reading = read(text)
    assert reading.pairing == pairing
    assert len(reading.counterparts) == partners


@pytest.mark.parametrize(
    ("text", "is_pointer"),
    [
        ("this is enough see note in net/a.c", True),
        ("reads the tail first, see comment at top of net/a.c", True),
        ("all is said there see the explanation above f_of()", True),
        ("we see changes in net/a.c", False),
        ("they see what f_of() does", False),
        ("note that we see f_of()", False),
    ],
)
def test_a_pointer_needs_no_stop_before_it(text: str, *, is_pointer: bool) -> None:
    assert (read(text).condition == "pointer") == is_pointer


@pytest.mark.parametrize(
    ("text", "pairing"),
    [
        ("For x, see f_of()'s comment. Otherwise, the smp_mb() below orders.", "none"),
        ("For x, please see the comment in f_of(). If not, smp_mb() does it.", "none"),
        ("See the comment above f_of(). In other cases, this smp_mb() orders.", "none"),
        ("For x, see f_of()'s comment. The smp_mb() below orders.", "explicit"),
        ("For x, see f_of()'s comment. Otherwise, nothing happens.", "explicit"),
        ("Pairs with f_of(). Otherwise, the smp_mb() below orders.", "explicit"),
    ],
)
def test_the_case_without_this_barrier_is_not_its_pairing(text: str, pairing: Pairing) -> None:
    assert read(text, "smp_mb").pairing == pairing


@pytest.mark.parametrize(
    ("text", "is_explicit"),
    [
        ("wmb: make the slot visible\n * rmb: look at the mark", False),
        ("smp_rmb(): head first; smp_wmb(): tail last", False),
        ("rmb : slot, wmb : mark", False),
        ("wmb: in f_of()", True),
        ("Pairs with the wmb: see f_of()", True),
        ("the wmb of the writer, rmb: slot", True),
    ],
)
def test_the_two_halves_of_a_full_barrier_are_not_the_other_side(
    text: str, *, is_explicit: bool
) -> None:
    assert (read(text, "smp_mb").pairing == "explicit") == is_explicit


@pytest.mark.parametrize(
    ("text", "gap", "pairing"),
    [
        ("WRITE_ONCE pairs with READ_ONCE in f_of().", 1, "none"),
        ("This WRITE_ONCE() pairs with the READ_ONCEs of f_of()", 1, "none"),
        ("The test_and_set_bit() above pairs with smp_wmb() in f_of().", 1, "none"),
        ("smp_rmb() pairs with smp_wmb() in f_of().", 1, "explicit"),
        ("This pairs with smp_wmb() in f_of().", 1, "explicit"),
        ("Pairs with WRITE_ONCE() in f_of().", 1, "explicit"),
    ],
)
def test_a_comment_on_another_statement_is_about_that(
    text: str, gap: int, pairing: Pairing
) -> None:
    assert near(("above", gap, 8, text)) == pairing


SINGULAR = "It is right after smp_rmb(). See f_of() smp_wmb()."


def test_a_comment_at_one_barrier_does_not_speak_for_others() -> None:
    here: tuple[CommentPlace, int, int, str] = ("above", 0, 9, "The mark comes first.")
    there: tuple[CommentPlace, int, int, str] = ("function", 0, 4, SINGULAR)
    several: tuple[CommentPlace, int, int, str] = (
        *("function", 0, 4),
        f"Both barriers are needed. {SINGULAR}",
    )
    assert near(here, there, siblings=2) == "none"
    assert near(here, there, name="smp_mb") == "none"
    assert near(there, name="smp_load_acquire") == "none"
    assert near(here, there) == "explicit"
    assert near(there, siblings=2) == "explicit"
    assert near(here, several, siblings=2) == "explicit"

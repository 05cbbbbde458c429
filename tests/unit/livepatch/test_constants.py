"""Constants that are kept instead of the result of a test."""

from __future__ import annotations

import pytest

from klplint.livepatch.constants import Constant, Update, constant_of, update_in


def named(*names: str, number: int = 0) -> Constant:
    return Constant(number, frozenset(names))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", Constant(0)),
        ("(1)", Constant(1)),
        ("true", Constant(1)),
        ("NULL", Constant(0)),
        ("0x10UL", Constant(16)),
        ("010", Constant(8)),
        ("-1", Constant(-1)),
        ("BIT(3)", Constant(8)),
        ("1UL << 2", Constant(4)),
        ("RING_GO", named("RING_GO")),
        ("((RING_GO | 2))", named("RING_GO", number=2)),
        ("BIT(RING_NR)", named("BIT(RING_NR)")),
        ("1 << RING_NR", named("1<<RING_NR")),
        ("go", None),
        ("RING_GO | go", None),
        ("f(1)", None),
        ("08", None),
        ("", None),
    ],
)
def test_what_is_a_constant(text: str, expected: Constant | None) -> None:
    assert constant_of(text) == expected


def test_constants_are_compared_where_that_is_known() -> None:
    assert Constant(2).equals(Constant(2))
    assert Constant(2).equals(Constant(1)) is False
    assert named("A").equals(named("A"))
    assert named("A").equals(named("B")) is False
    assert named("A").equals(Constant(1)) is None


def test_bits_are_compared_where_that_is_known() -> None:
    assert Constant(6).has_any(Constant(2))
    assert Constant(4).has_any(Constant(2)) is False
    assert named("A", "B").has_any(named("B"))
    assert named("A").has_any(named("B")) is False
    assert named("A").has_any(Constant(1)) is None
    assert Constant().has_any(named("A")) is False


def test_a_name_alone_may_be_zero() -> None:
    assert named("A").is_true
    assert not named("A").is_sure
    assert Constant().is_sure
    assert named("A", number=1).is_sure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("work | (1)", Update("work", Constant(1), True)),
        ("work & (~1)", Update("work", Constant(1), False)),
        ("work & ~(A | B)", Update("work", named("A", "B"), False)),
        ("p->work | (A)", Update("p->work", named("A"), True)),
        ("work | other", None),
        ("work & A", None),
        ("A | B", None),
        ("f(work) | A", None),
    ],
)
def test_what_sets_or_clears_bits(text: str, expected: Update | None) -> None:
    assert update_in(text) == expected

"""Messages that quote very long code stay readable."""

from __future__ import annotations

import pytest

from klplint.printable import readable


@pytest.mark.parametrize(
    "message",
    [
        "",
        "klp_update_patch_state() is called with `task` instead of `current`",
        "f() is called with `" + "x" * 100 + "` instead of `" + "y" * 100 + "`",
        "the words of a long sentence are not cut " * 20,
    ],
)
def test_a_usual_message_stays_as_it_is(message: str) -> None:
    assert readable(message) == message


@pytest.mark.parametrize("part", ["`a" + "[1]" * 8000 + " end`", "a" + "b" * 24_000 + "end"])
def test_the_middle_of_a_long_part_is_left_out(part: str) -> None:
    message = readable(f"f() is called with {part} instead of `current`; pass `current`")
    assert len(message) < 250
    assert message.startswith(f"f() is called with {part[:70]}")
    assert " [...] " in message
    assert message.endswith(f"{part[-10:]} instead of `current`; pass `current`")


def test_a_message_of_many_parts_has_an_end() -> None:
    message = readable("begin, " + "f(x) and " * 20_000 + "the end")
    assert len(message) <= 1200
    assert message.startswith("begin, f(x)")
    assert message.endswith("the end")

"""Known places of the kernel: function, file pattern and range of versions."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.facts.kernel_version import Version
from klplint.livepatch.known_locations import KnownLocation, location_of

NUMBERS = st.tuples(st.integers(0, 20), st.integers(0, 30))


def place(file: str = "kernel/a.c", since: str = "", until: str = "") -> KnownLocation:
    return KnownLocation("f", file, "why", "source", since, until)


@pytest.mark.parametrize(
    ("function", "file", "covered"),
    [
        ("f", "arch/x86/kernel/signal.c", True),
        ("g", "arch/x86/kernel/signal.c", False),
        (None, "arch/x86/kernel/signal.c", False),
        ("f", "arch/x86/kernel/signal.cc", False),
        ("f", "tools/arch/x86/kernel/signal.c", False),
        ("f", "ARCH/x86/kernel/signal.c", False),
    ],
)
def test_function_and_file_have_to_fit(function: str | None, file: str, covered: bool) -> None:
    expected_ones = place("arch/*/kernel/signal.c")
    assert expected_ones.covers(function, file, Version(6, 12)) is covered


@pytest.mark.parametrize(
    ("since", "until", "version", "covered"),
    [
        ("", "", "4.4", True),
        ("4.12", "5.8", "4.11", False),
        ("4.12", "5.8", "4.12", True),
        ("4.12", "5.8", "5.8", True),
        ("4.12", "5.8", "5.9", False),
        ("4.9", "", "4.12", True),
        ("", "4.9", "4.12", False),
    ],
)
def test_both_ends_of_the_range_are_included(
    since: str, until: str, version: str, covered: bool
) -> None:
    expected_ones = place(since=since, until=until)
    assert expected_ones.covers("f", "kernel/a.c", Version.parse(version)) is covered


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_range_is_one_of_numbers(
    since: tuple[int, int], version: tuple[int, int], until: tuple[int, int]
) -> None:
    expected_ones = place(since=str(Version(*since)), until=str(Version(*until)))
    assert expected_ones.covers("f", "kernel/a.c", Version(*version)) == (since <= version <= until)


def test_the_first_location_that_covers_the_place_is_taken() -> None:
    expected_ones = [place("kernel/b.c"), place("kernel/*.c"), place()]
    assert location_of(expected_ones, "f", "kernel/a.c", Version(6, 1)) is expected_ones[1]
    assert location_of(expected_ones, "g", "kernel/a.c", Version(6, 1)) is None


@pytest.mark.parametrize("version", ["6", "6.12.3", "v6.12", "6.x", "6.12-rc1", "latest"])
def test_a_limit_that_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="expected a kernel version such as"):
        place(since=version)
    with pytest.raises(msgspec.ValidationError, match="expected a kernel version"):
        entry = {"function": "f", "file": "a.c", "why": "b", "source": "c", "until": version}
        msgspec.convert(entry, KnownLocation)

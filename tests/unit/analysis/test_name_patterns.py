"""Patterns in the rules' data: `*` and, in names, `{a,b}` are special."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.analysis.name_patterns import alternatives, fits_any, path_fits

WORDS = st.text("ab_1", max_size=6)
PATTERNS = st.text("ab_1*", min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("name", "patterns", "fits"),
    [
        ("spin_lock", ("spin_lock*",), True),
        ("spin_lock_irq", ("spin_lock*",), True),
        ("raw_spin_lock", ("spin_lock*",), False),
        ("raw_spin_lock", ("mutex_*", "*spin_lock"), True),
        ("test_ti_flag", ("test_*_flag",), True),
        ("test_flag", ("test_*_flag",), False),
        ("up", ("up",), True),
        ("upper", ("up",), False),
        ("up", (), False),
        ("", (), False),
        ("", ("*",), True),
        ("a_b", ("a?b", "a.b", "a[_]b"), False),
        ("a.b", ("a*b",), False),
        ("raw_spin_lock_irq", ("{,raw_}spin_{,un}lock{,_irq}",), True),
        ("spin_unlock", ("{,raw_}spin_{,un}lock{,_irq}",), True),
        ("spin_lock_bh", ("{,raw_}spin_{,un}lock{,_irq}",), False),
        ("spin_xlock", ("spin_{un,*x}lock",), True),
    ],
)
def test_a_name_fits_a_pattern_as_a_whole(name: str, patterns: tuple[str, ...], fits: bool) -> None:
    assert fits_any(name, patterns) is fits


@given(WORDS, st.lists(PATTERNS, max_size=4).map(tuple))
def test_names_fit_as_in_a_shell(name: str, patterns: tuple[str, ...]) -> None:
    assert fits_any(name, patterns) == any(fnmatchcase(name, pattern) for pattern in patterns)


def test_the_longest_alternative_is_tried_first() -> None:
    match = re.match(alternatives(["foo", "foo_bar", "fo*"]), "foo_bar")
    assert match is not None
    assert match[0] == "foo_bar"
    assert re.search(alternatives([]), "foo") is None


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("arch/x86/kernel/signal.c", "arch/*/kernel/signal.c", True),
        ("arch/x86/um/kernel/signal.c", "arch/*/kernel/signal.c", True),
        ("tools/arch/x86/kernel/signal.c", "arch/*/kernel/signal.c", False),
        ("arch/x86/kernel/signal.cc", "arch/*/kernel/signal.c", False),
        ("kernel/a.c", "kernel/?.c", False),
    ],
)
def test_in_a_path_anything_may_stand_for_the_star(path: str, pattern: str, fits: bool) -> None:
    assert path_fits(path, pattern) is fits

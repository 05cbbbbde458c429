"""The result of an earlier run is shown only if a new one would have the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.user_rules import rewrite, unpaired_rule, user_rule

FILE = "lib/once_table.c"
CONFIG = """
rules = ["mine"]
select = ["KLP003", "KLP004", "XYZ001"]
[rule.KLP004]
optional = true
"""
IGNORES = f'\n[per-file-ignores]\n"linux/{FILE}" = ["KLP003"]\n'
FAMILIES = '\n[families.reader]\nour_rmb = "our_wmb"\n[families.writer]\nour_wmb = "our_rmb"\n'


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)
    monkeypatch.setattr("klplint.index.tree_index.SETTLED", 0)


@pytest.fixture
def home(minikernel: Path) -> Path:
    """The directory of a tree, a configuration, and further rules."""
    home = minikernel.parent
    user_rule(home / "mine")
    unpaired_rule(home / "mine", "XYZ003", "../barriers.toml")
    (home / "klplint.toml").write_text(CONFIG)
    return home


def check(home: Path, *options: str) -> tuple[str, bool]:
    """The SARIF of a check, and whether its result is an earlier one."""
    time.sleep(0.01)  # what was just written is older than the run
    config = home / "klplint.toml"
    words = ["check", "-f", "sarif", "--config", config, *options, home / "linux" / FILE]
    done = klplint(*words, "--statistics", "--cache-dir", home / "cache")
    assert done.stdout == klplint(*words, "--no-cache").stdout
    assert done.returncode in (0, 1), done.stderr
    return done.stdout, "results cached" in done.stderr


CHANGES: dict[str, Callable[[Path], object]] = {
    "a header of a rule": lambda home: rewrite(rule_in(home), '"error"', '"note"'),
    "a setting of a rule": lambda home: rewrite(rule_in(home), "get_current()", "got_current()"),
    "a shared file": lambda home: rewrite(home / "mine/barriers.toml", "pair up", "team up"),
    "a rule that is gone": lambda home: shutil.rmtree(home / "mine/XYZ003-unpaired"),
    "an override": lambda home: rewrite(home / "klplint.toml", "true", 'true\nlevel = "error"'),
    "a family": lambda home: (home / "klplint.toml").open("a").write(FAMILIES),
    "a selection": lambda home: rewrite(home / "klplint.toml", '"KLP003", ', ""),
    "an ignored file": lambda home: (home / "klplint.toml").open("a").write(IGNORES),
    "the kernel's version": lambda home: rewrite(home / "linux/Makefile", " = 12", " = 1"),
}


def rule_in(home: Path) -> Path:
    return home / "mine/XYZ001-not-current/rule.toml"


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_counts(change: str, home: Path) -> None:
    assert not check(home)[1]
    assert check(home)[1]
    CHANGES[change](home)
    changed, is_cached = check(home)
    assert not is_cached
    assert check(home) == (changed, True)


@pytest.mark.parametrize(
    "option", ["--select=KLP004", "--ignore=KLP003", "--no-partners", "--arch=powerpc"]
)
def test_each_option_counts(option: str, home: Path) -> None:
    check(home)
    changed, is_cached = check(home, option)
    assert not is_cached
    assert check(home, option) == (changed, True)


def test_the_code_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(home)
    monkeypatch.setattr("klplint.cache.keys._code_digest", lambda: b"another version")
    assert not check(home)[1]


def test_a_page_is_shown_as_it_is(home: Path) -> None:
    check(home)
    rewrite(rule_in(home).with_name("README.md"), "\n## Why", "\nA new sentence.\n\n## Why")
    changed, is_cached = check(home)
    assert is_cached
    assert "A new sentence." in changed


def test_a_mistake_is_reported_as_without_a_cache(home: Path) -> None:
    check(home)
    rewrite(rule_in(home), "get_current()", "not a name")
    words = ["--config", home / "klplint.toml", home / "linux" / FILE]
    refused = complaint("check", *words, "--cache-dir", home / "cache")
    assert refused == complaint("check", *words, "--no-cache")
    assert "cannot be read as a C expression" in refused


def test_what_shows_pairs_loads_the_checks(home: Path) -> None:
    words = ["check", home / "linux" / FILE, "--cache-dir", home / "cache", "--exit-zero"]
    first = klplint(*words, "-f", "html").stdout
    assert "smp_wmb" in first
    assert klplint(*words, "-f", "html").stdout == first

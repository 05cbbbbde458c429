"""--max-findings and [max-findings]: the exit status, and what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.paths import MINIKERNEL

NET = MINIKERNEL / "drivers/net"  # two findings of KLP003, both warnings


def status(*options: object, config: str | None = None, tmp_path: Path | None = None) -> int:
    if config is not None:
        assert tmp_path is not None
        (tmp_path / "own.toml").write_text(config)
        options = ("--config", tmp_path / "own.toml", *options)
    done = klplint("-q", "-f", "concise", *options, NET)
    if "--exit-zero" not in options:
        assert ("max-findings" in done.stderr) == (done.returncode == 1 and bool(options))
    return done.returncode


def test_as_many_as_today_pass_and_more_do_not() -> None:
    assert status() == 1
    assert status("--max-findings", "KLP003=2") == 0
    assert status("--max-findings", "KLP003=1") == 1
    assert status("--max-findings", "KLP003=0", "--exit-zero") == 0


def test_other_rules_count_as_before() -> None:
    done = klplint("-q", "--max-findings", "KLP004=9", NET)
    assert done.returncode == 1
    assert "max-findings" not in done.stderr


def test_the_sentence_says_which_count_was_passed() -> None:
    done = klplint("-q", "-f", "concise", "--max-findings", "unpaired-read-barrier=0", NET)
    assert done.stderr == (
        "klplint: KLP003: 2 of at most 0 findings; mend what is new, or raise the limit "
        "(max-findings)\n"
    )


def test_notes_count_too(tmp_path: Path) -> None:
    config = '[rule.KLP003]\nlevel = "note"\n[max-findings]\nKLP003 = 0\n'
    assert status(config=config, tmp_path=tmp_path) == 1


@pytest.mark.parametrize(("table", "expected"), [("drivers", 1), ("lib", 1), ("drivers/net/x", 1)])
def test_directories_in_the_configuration(tmp_path: Path, table: str, expected: int) -> None:
    config = f'[max-findings."{table}"]\nKLP003 = 0\n'
    (tmp_path / "own.toml").write_text(config)
    done = klplint("-q", "-f", "concise", "--config", tmp_path / "own.toml", NET)
    assert done.returncode == expected
    assert ("findings in drivers/;" in done.stderr) == (table == "drivers")


def test_a_baseline_is_subtracted_first(tmp_path: Path) -> None:
    klplint("baseline", "-q", "-o", tmp_path / "base", NET)
    assert status("--baseline", tmp_path / "base", "--max-findings", "KLP003=0") == 0


def test_statistics_list_the_counts() -> None:
    done = klplint("-q", "--statistics", "--max-findings", "KLP003=7", NET)
    assert "KLP003: 2 of at most 7 findings\n" in done.stderr


@pytest.mark.parametrize(
    ("config", "printed"),
    [
        ("KLP003 = -1", "own.toml:1: max-findings: "),
        ('KLP003 = "1"', "own.toml:1: max-findings: "),
        ("KLP003 = 1.5", "own.toml:1: max-findings: "),
        ("lib = {KLP003 = true}", "own.toml:1: max-findings: "),
        ("KLP99 = 1", 'own.toml:1: max-findings: unknown rule "KLP99"'),
    ],
)
def test_wrong_limits_in_the_configuration(tmp_path: Path, config: str, printed: str) -> None:
    (tmp_path / "own.toml").write_text(f"[max-findings]\n{config}\n")
    assert printed in complaint("--config", tmp_path / "own.toml", NET)


@pytest.mark.parametrize("word", ["KLP003", "KLP003=", "=3", "KLP003=-1", "KLP003=x", ""])
def test_wrong_limits_on_the_command_line(word: str) -> None:
    done = klplint("--max-findings", word, NET)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not CODE=N, as in KLP003=12" in done.stderr

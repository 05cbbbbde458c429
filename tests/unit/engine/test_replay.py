"""A change that affects no facts and no answers needs no check: the findings are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.engine.queries import answer_queries
from klplint.findings.finding import Result
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from klplint.statistics import Statistics

FILE = "lib/once_table.c"


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled at once: these tests do not wait."""
    monkeypatch.setattr("klplint.kernel.signatures.SETTLED", 0)
    monkeypatch.setattr("klplint.index.tree_index.SETTLED", 0)


def run(tree: Path, cache: Path | None) -> tuple[Result, bool]:
    """The result of a run on a whole tree, and whether it has the findings of an earlier run."""
    catalogue = load_catalogue()
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    plan = Plan(sources, catalogue, Execution(jobs=1, cache=cache), catalogue)
    statistics = Statistics()
    result = lint(plan, Silence(), statistics)
    assert not statistics.counts["results cached"]
    return result, bool(statistics.counts["findings cached"])


def append(text: str) -> Callable[[Path], object]:
    """A change that adds text at the end of a file."""
    return lambda file: file.write_text(f"{file.read_text()}{text}")


def replace(old: str, new: str) -> Callable[[Path], object]:
    """A change that puts text in the place of other text, which the file has."""

    def change(file: Path) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("file", "change", "is_replayed"),
    [
        ("lib/unrelated.c", append("/* more */\n"), True),
        (FILE, append("/* more */\n"), True),
        (FILE, replace("smp_rmb();", "smp_rmb(); /* more */"), False),
        (FILE, replace("once_table_fill", "once_table_pour"), False),
        (FILE, lambda file: file.write_text(f"\n{file.read_text()}"), False),
        (FILE, replace("{\n", "{ \n"), True),
    ],
)
def test_findings_are_used_again_where_a_change_does_not_affect_them(
    file: str,
    change: Callable[[Path], object],
    is_replayed: bool,
    minikernel: Path,
    tmp_path: Path,
) -> None:
    (minikernel / "lib/unrelated.c").write_text("int unrelated;\n")
    run(minikernel, tmp_path / "cache")
    change(minikernel / file)
    assert run(minikernel, tmp_path / "cache") == (run(minikernel, None)[0], is_replayed)


def test_a_text_beside_a_finding_is_shown_as_it_is_now(minikernel: Path, tmp_path: Path) -> None:
    first, _ = run(minikernel, tmp_path / "cache")
    shown = next(finding for finding in first.findings if finding.place.excerpt.strip())
    change = replace(shown.place.excerpt, f"{shown.place.excerpt} ")
    change(minikernel / shown.place.file)
    second, _ = run(minikernel, tmp_path / "cache")
    assert second == run(minikernel, None)[0]
    excerpts = [finding.place.excerpt for finding in second.findings]
    assert f"{shown.place.excerpt} " in excerpts


def test_other_answers_are_checked_again(
    minikernel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries of the earlier run have other answers now: they may lead to further ones."""
    run(minikernel, tmp_path / "cache")
    (minikernel / "lib/other.c").write_text("void once_table_fill(void)\n{\n}\n")
    asked: list[object] = []

    def noting(*given: object) -> object:
        asked.append(given)
        return answer_queries(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("klplint.engine.stages.answer_queries", noting)
    second, is_replayed = run(minikernel, tmp_path / "cache")
    assert (second, is_replayed) == (run(minikernel, None)[0], False)
    assert len(asked) == len(("with the cache", "without it"))

"""A file whose facts and answers a change does not affect needs no check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.engine.session import Session
from klplint.engine.stages import lint_in
from klplint.facts.memo import Memo
from klplint.findings.finding import Finding, Result
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


def run(tree: Path, cache: Path | None, below: str = "") -> tuple[Result, int]:
    """The result of a run, and how many findings of an earlier run it used again."""
    plan = plan_of(tree / below, cache)
    statistics = Statistics()
    result = lint(plan, Silence(), statistics)
    assert not statistics.counts["results cached"]
    return result, statistics.counts["findings cached"]


def plan_of(path: Path, cache: Path | None) -> Plan:
    """The plan of a run with all rules."""
    catalogue = load_catalogue()
    sources = find_sources([path], None, DEFAULT_EXCLUDES)
    return Plan(sources, catalogue, Execution(jobs=1, cache=cache), catalogue)


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
    ("file", "change", "is_affected"),
    [
        ("lib/unrelated.c", append("/* more */\n"), False),
        (FILE, append("/* more */\n"), False),
        (FILE, replace("{\n", "{ \n"), False),
        (FILE, replace("smp_rmb();", "smp_rmb(); /* more */"), True),
        (FILE, replace("once_table_fill", "once_table_pour"), True),
        (FILE, lambda file: file.write_text(f"\n{file.read_text()}"), True),
    ],
)
def test_findings_are_used_again_where_a_change_does_not_affect_them(
    file: str,
    change: Callable[[Path], object],
    is_affected: bool,
    minikernel: Path,
    tmp_path: Path,
) -> None:
    (minikernel / "lib/unrelated.c").write_text("int unrelated;\n")
    first, _ = run(minikernel, tmp_path / "cache")
    change(minikernel / file)
    second, reused = run(minikernel, tmp_path / "cache")
    assert second == run(minikernel, None)[0]
    affected = len(per_file(first)) - reused
    assert affected == (len([f for f in per_file(first) if f.place.file == FILE]) * is_affected)


def test_a_run_on_one_file_uses_what_a_run_on_the_whole_tree_said_of_it(
    minikernel: Path, tmp_path: Path
) -> None:
    first, _ = run(minikernel, tmp_path / "cache")
    second, reused = run(minikernel, tmp_path / "cache", FILE)
    assert second == run(minikernel, None, FILE)[0]
    assert reused == len([f for f in per_file(first) if f.place.file == FILE]) > 0


def per_file(result: Result) -> list[Finding]:
    """The findings of the rules whose findings in a file need no facts of others."""
    codes = {rule.code for rule in load_catalogue() if rule.check.is_per_file}
    return [f for f in (*result.findings, *result.suppressed) if f.code in codes]


def test_such_rules_need_no_facts_of_other_files_and_no_answers_to_the_queries_of_others(
    minikernel: Path,
) -> None:
    """Replay compares nothing else."""
    plan = plan_of(minikernel, None)
    with Session(plan.sources, plan.execution, Silence()) as session:
        _, tree = lint_in(session, plan)
    compared = 0
    for check in (rule.check for rule in plan.rules if rule.check.is_per_file):
        together = list(check.run(tree))
        compared += len(together)
        for path, facts in tree.files.items():
            alone = msgspec.structs.replace(tree, files={path: facts}, memo=Memo())
            asked = {query: tree.answers[query] for query in check.queries(alone)}
            partners = {path: tree.partners.get(path, ())}
            alone = msgspec.structs.replace(alone, answers=asked, partners=partners)
            assert list(check.run(alone)) == [d for d in together if d.place.file == path]
    assert compared


def test_a_text_beside_a_finding_is_shown_as_it_is_now(minikernel: Path, tmp_path: Path) -> None:
    first, _ = run(minikernel, tmp_path / "cache")
    shown = next(finding for finding in first.findings if finding.place.excerpt.strip())
    change = replace(shown.place.excerpt, f"{shown.place.excerpt} ")
    change(minikernel / shown.place.file)
    second, _ = run(minikernel, tmp_path / "cache")
    assert second == run(minikernel, None)[0]
    excerpts = [finding.place.excerpt for finding in second.findings]
    assert f"{shown.place.excerpt} " in excerpts


def test_other_answers_are_checked_again(minikernel: Path, tmp_path: Path) -> None:
    """The queries of the earlier run have other answers now: they may lead to further ones."""
    first, _ = run(minikernel, tmp_path / "cache")
    (minikernel / "lib/other.c").write_text("void once_table_fill(void)\n{\n}\n")
    second, reused = run(minikernel, tmp_path / "cache")
    assert second == run(minikernel, None)[0]
    assert 0 < reused < len(per_file(first))


def test_what_else_is_linted_does_not_matter(minikernel: Path, tmp_path: Path) -> None:
    """An answer that another file asked for is not used, in whatever order files are linted."""
    (minikernel / "lib/publish.c").write_text(
        "static int a, b;\n"
        "static void more(void)\n{\n\ta = 1;\n\tsmp_store_release(&b, 2);\n}\n"
        "void publish(void)\n{\n\tsmp_mb__before_atomic();\n\tatomic_read(&b);\n\tmore();\n}\n"
    )
    for name, barrier in (("one", "the barrier"), ("two", "smp_store_release()")):
        (minikernel / f"lib/{name}.c").write_text(
            f"int {name}(void)\n{{\n\tint n = b;\n\t/* pairs with {barrier} in publish() */\n"
            "\tsmp_rmb();\n\treturn n + a;\n}\n"
        )
    expected, _ = run(minikernel, None, "lib/one.c")
    assert [f.code for f in expected.findings if f.level != "note"] == []
    for order in (("lib/one.c", ""), ("", "lib/one.c")):
        cache = tmp_path / f"cache{len(order[0])}"
        for below in order:
            result, _ = run(minikernel, cache, below)
            here = [f for f in result.findings if f.place.file == "lib/one.c"]
            assert here == [f for f in expected.findings if f.place.file == "lib/one.c"]

"""All barriers that KLP003 can be reported to read: without an argument, and loading a value."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from klplint.catalogue.load import load_families
from klplint.catalogue.rule import Rule
from klplint.catalogue.select import select_rules
from klplint.checks.barrier_comment import BarrierCommentCheck
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.engine.coverage import cover
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.facts.watch import Watch
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import Sources, find_sources
from klplint.progress import Silence
from tests.support.expectations import blanked_copy, differences, lines_marked, wants_of
from tests.support.paths import FIXTURES, MINIKERNEL
from tests.support.single_file import facts_of

HEAD = "#include <linux/sched.h>\n"
DIRECTORY = FIXTURES / "barriers"
LOADS = Watch(
    barriers=frozenset({"smp_rmb", "smp_load_acquire"}), loads=frozenset({"smp_load_acquire"})
)


def rules() -> tuple[Rule, ...]:
    """KLP003 as the fixtures' configuration has it."""
    settings = read_config(DIRECTORY / "klplint.toml")
    return select_rules(
        configured_catalogue(settings.rule_choice), settings.select, settings.ignore
    )


def missed(sources: Sources) -> set[tuple[str, int]]:
    """The lines of the calls and references that no parse parsed."""
    got = cover(Plan(sources, rules(), Execution(jobs=2)), Silence())
    return {
        (c.file, c.occurrence.region.line) for c in got.occurrences if c.occurrence.missed_by_ast
    }


def test_every_barrier_is_classified_and_parsed_by_libclang(tmp_path: Path) -> None:
    sources = find_sources([blanked_copy(DIRECTORY, tmp_path / "barriers")], MINIKERNEL, ())
    result = lint(Plan(sources, rules(), Execution(jobs=2)), Silence())
    assert differences(wants_of(DIRECTORY), result.findings) == []
    assert missed(sources) == lines_marked(DIRECTORY, "/* tokens */")


def test_a_finding_marks_the_name_without_its_argument(tmp_path: Path) -> None:
    sources = find_sources([blanked_copy(DIRECTORY, tmp_path / "barriers")], MINIKERNEL, ())
    got = lint(Plan(sources, rules(), Execution(jobs=2)), Silence()).findings
    loads = [f.place.region for f in got if "smp_load_acquire()" in f.message]
    assert len(loads) > 10
    assert {r.end_column - r.column for r in loads} == {len("smp_load_acquire")}
    assert all(r.line == r.end_line for r in loads)


def test_the_headers_that_define_barriers_do_not_call_them() -> None:
    headers = sorted(MINIKERNEL.rglob("barrier.h"))
    assert len(headers) > 2
    got = cover(
        Plan(find_sources(headers, None, DEFAULT_EXCLUDES), rules(), Execution(jobs=2)), Silence()
    )
    kinds = {(c.occurrence.kind, c.occurrence.how) for c in got.occurrences}
    assert kinds == {
        ("definition", "text"),
        ("directive", "text"),
        ("macro-body", "tokens"),
        ("comment", "text"),
    }


@pytest.mark.parametrize(
    ("barriers", "loads"),
    [
        (("smp_rmb",), frozenset()),
        (("smp_rmb", "smp_load_acquire"), frozenset({"smp_load_acquire"})),
    ],
)
def test_only_watched_barriers_are_loads(barriers: tuple[str, ...], loads: frozenset[str]) -> None:
    check = BarrierCommentCheck(barriers=barriers, families=load_families())
    watch = msgspec.structs.replace(check.watch, opposite=frozenset())
    assert watch == Watch(barriers=frozenset(barriers), loads=loads)
    assert (check.watch | Watch()).loads == loads


def test_a_load_by_itself_takes_one_parse_and_knows_its_function(tmp_path: Path) -> None:
    text = HEAD + "int f(int *p);\nint f(int *p)\n{\n\treturn smp_load_acquire(p);\n}\n"
    facts = facts_of(tmp_path, text, watch=LOADS)
    assert facts.parses == 1
    (load,) = facts.occurrences
    assert (load.kind, load.how, load.function, load.arguments) == ("call", "ast", "f", ("p",))
    assert [barrier.name for barrier in facts.barriers] == ["smp_load_acquire"]


def test_a_load_that_no_header_declares_is_a_call_nevertheless(tmp_path: Path) -> None:
    text = "#include <linux/types.h>\nint f(int *p)\n{\n\treturn smp_load_acquire(p);\n}\n"
    (load,) = facts_of(tmp_path, text, watch=LOADS).occurrences
    assert (load.kind, load.how, load.function) == ("call", "ast", "f")

"""Every rule on its fixtures: what is wanted is found, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.coverage import cover
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.expectations import blanked_copy, differences, lines_marked, wants_in, wants_of
from tests.support.patched_kernel import kernel_for
from tests.support.paths import FIXTURES, MINIKERNEL

# KLP000 checks what others find, and so needs them.
FURTHER_RULES = {"KLP000": ["KLP001", "KLP002", "KLP003"]}
RULE_DIRECTORIES = sorted(directory for directory in FIXTURES.glob("KLP*"))


@pytest.mark.parametrize("directory", RULE_DIRECTORIES, ids=lambda directory: directory.name)
def test_rule_on_its_fixtures(directory: Path, tmp_path: Path) -> None:
    kernel = kernel_for(directory.name, tmp_path / "kernel")
    sources = find_sources([blanked_copy(directory, tmp_path / directory.name)], kernel, ())
    codes = [directory.name, *FURTHER_RULES.get(directory.name, ())]
    rules = select_rules(load_catalogue(), codes, [])
    result = lint(Plan(sources, rules, Execution(jobs=2)), Silence())
    assert differences(wants_of(directory), result.findings) == []


def test_constructs_lose_nothing(tmp_path: Path) -> None:
    """Every call is found, and parsed by libclang but where the line says `tokens`."""
    directory = FIXTURES / "constructs"
    sources = find_sources([blanked_copy(directory, tmp_path / directory.name)], MINIKERNEL, ())
    rules = select_rules(load_catalogue(), ["KLP001", "KLP003"], [])
    result = lint(Plan(sources, rules, Execution(jobs=2)), Silence())
    assert differences(wants_of(directory), result.findings) == []
    coverage = cover(Plan(sources, rules, Execution(jobs=2)), Silence())
    missed = {
        (c.file, c.occurrence.region.line)
        for c in coverage.occurrences
        if c.occurrence.missed_by_ast
    }
    assert missed == lines_marked(directory, "/* tokens */")
    # One parse a file, further ones for arms of #if, and some of a trimmed text in vain.
    assert coverage.parses <= 1.4 * coverage.files


def test_all_rules_on_the_minikernel() -> None:
    sources = find_sources([MINIKERNEL], None, DEFAULT_EXCLUDES)
    result = lint(Plan(sources, load_catalogue(), Execution(jobs=2)), Silence())
    wants = wants_in(FIXTURES / "minikernel.expected")
    assert len(wants) > 20
    assert differences(wants, result.findings) == []

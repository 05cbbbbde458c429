"""The fixes of all findings on the fixtures: they apply, and the findings are gone."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.csource.text_edits import same_code
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Finding
from klplint.fixes.planning import plan_fixes
from klplint.kernel.sources import Sources, find_sources
from klplint.progress import Silence
from klplint.source_text import decode_source
from tests.support.expectations import blanked_copy
from tests.support.paths import FIXTURES, MINIKERNEL

DIRECTORIES = ("KLP000", "KLP001", "KLP003", "KLP004", "write-side")


def linted(directory: Path) -> tuple[Sources, tuple[Finding, ...]]:
    rules = select_rules(load_catalogue(), [], [])
    sources = find_sources([directory], MINIKERNEL, ())
    return sources, lint(Plan(sources, rules, Execution(jobs=2)), Silence()).findings


@pytest.mark.parametrize("name", DIRECTORIES)
def test_fixed_findings_are_gone_and_no_others_appear(name: str, tmp_path: Path) -> None:
    directory = blanked_copy(FIXTURES / name, tmp_path / name)
    check_fixes(directory)


def test_fixes_of_the_minikernel(tmp_path: Path) -> None:
    directory = tmp_path / "minikernel"
    shutil.copytree(MINIKERNEL, directory)
    assert check_fixes(directory / "drivers") >= 1


def check_fixes(directory: Path) -> int:
    """The number of fixes in a directory, all of which were applied to its files."""
    sources, before = linted(directory)
    plan = plan_fixes(before, frozenset(sources.files), sources.root)
    assert plan.left == ()
    for file in plan.files:
        if all(finding.code != "KLP001" for finding in file.findings):
            assert same_code(decode_source(file.before), decode_source(file.after))
        (sources.root / file.file).write_bytes(file.after)
    _, after = linted(directory)
    fixed = Counter(describe(finding) for finding in before if finding.fix)
    remaining = Counter(map(describe, before)) - fixed
    assert sorted(map(describe, after)) == sorted(remaining.elements())
    return fixed.total()


def describe(finding: Finding) -> str:
    """A finding without its line and message, which depend on what is above and beside it."""
    return f"{finding.place.file}: {finding.code} {finding.function}"

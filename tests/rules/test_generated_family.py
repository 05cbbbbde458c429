"""Each wrong way to switch is found inside each construct of the kernel's C; right ones are not."""

from __future__ import annotations

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.expectations import blanked, differences
from tests.support.generated_family import CONSTRUCTS, FORMS, Case, family
from tests.support.paths import MINIKERNEL

FILES, CASES = family()
_RULES = {"KLP001", "KLP002", "KLP005", "KLP006"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """All files of the family, linted in one run."""
    directory = tmp_path_factory.mktemp("family")
    for name, text in FILES.items():
        (directory / name).write_text(blanked(text), encoding="utf-8")
    catalogue = load_catalogue()
    codes = sorted(_RULES & {rule.code for rule in catalogue})
    sources = find_sources([directory], MINIKERNEL, ())
    return lint(Plan(sources, select_rules(catalogue, codes, []), Execution(jobs=2)), Silence())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.form} in {case.construct}")
def test_family(case: Case, result: Result) -> None:
    ours = tuple(
        finding
        for finding in result.findings
        if finding.place.file == case.file and finding.place.region.line in case.lines
    )
    assert differences(case.wants, ours) == []


def test_nothing_is_found_outside_the_cases(result: Result) -> None:
    places = {(case.file, line) for case in CASES for line in case.lines}
    got = [(f.place.file, f.place.region.line) for f in result.findings]
    assert [place for place in got if place not in places] == []


def test_only_dead_code_is_classified_from_its_tokens(result: Result) -> None:
    dead = {case.file for case in CASES for c in CONSTRUCTS if c.dead and c.name == case.construct}
    assert {problem.file for problem in result.not_analysed} == dead


def test_the_family_is_whole() -> None:
    assert len(CASES) == len(FORMS) * len(CONSTRUCTS)
    assert all(case.wants for case in CASES)

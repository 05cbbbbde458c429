"""The examples on the rules' pages: what is shown as wrong is flagged, what as right is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.patched_kernel import kernel_for
from tests.support.rule_examples import examples


@pytest.mark.parametrize("rule", load_catalogue(), ids=lambda rule: rule.code)
def test_examples_are_what_they_say(
    rule: Rule, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown = examples(rule)
    for name, code in shown.items():
        (tmp_path / name).write_text(code)
    kernel = kernel_for(rule.code, tmp_path_factory.mktemp("kernel"))
    sources = find_sources([tmp_path], kernel, ())
    result = lint(Plan(sources, load_catalogue(), Execution(jobs=2)), Silence())
    flagged = {finding.place.file for finding in result.findings if finding.code == rule.code}
    assert flagged == {name for name in shown if name.startswith("wrong")}
    assert {name.split("-")[0] for name in shown} == {"wrong", "right"}

"""KLP005 beside what is reported as not analysed."""

from __future__ import annotations

from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.select import select_rules
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from tests.support.paths import MINIKERNEL

SOURCE = """\
#include <linux/livepatch.h>
void (*hook)(struct task_struct *) = klp_update_patch_state;
"""


def result_of(directory: Path, codes: list[str], source: str = SOURCE) -> Result:
    (directory / "a.c").write_text(source)
    sources = find_sources([directory], MINIKERNEL, ())
    return lint(
        Plan(sources, select_rules(load_catalogue(), codes, []), Execution(jobs=1)), Silence()
    )


@pytest.mark.parametrize("codes", [["KLP001"], ["KLP002"], ["KLP006"]])
def test_without_the_rule_an_address_is_not_analysed(codes: list[str], tmp_path: Path) -> None:
    result = result_of(tmp_path, codes)
    assert result.findings == ()
    (printed,) = result.not_analysed
    assert (printed.line, "address is taken" in printed.reason) == (2, True)


@pytest.mark.parametrize("codes", [["KLP005"], ["KLP001", "KLP005"], []])
def test_with_the_rule_it_is(codes: list[str], tmp_path: Path) -> None:
    result = result_of(tmp_path, codes)
    assert [finding.code for finding in result.findings] == ["KLP005"]
    assert result.not_analysed == ()


def test_what_is_classified_from_tokens_is_reported_also(tmp_path: Path) -> None:
    result = result_of(tmp_path, ["KLP005"], f"#if 0\n{SOURCE}#endif\n")
    assert [finding.level for finding in result.findings] == ["note"]
    (printed,) = result.not_analysed
    assert "tokens" in printed.reason

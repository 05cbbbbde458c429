"""The fixes of all findings on the fixtures: they apply, and the findings are gone."""

from __future__ import annotations

import re
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

DIRECTORIES = ("KLP000", "KLP001", "KLP003", "KLP004", "KLP007", "write-side")
CHANGES_CODE = {"KLP001", "KLP007"}


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


MOVED = [
    (
        "\t/* Is it there? */\n\tshut = READ_ONCE(jar->jam_shut);\n"
        "\t/*\n\t * Pairs with smp_wmb() in jar_put_jam().\n\t */\n\tsmp_rmb();\n\n\treturn shut"
    ),
    (
        "\n\n\t/* Pairs with smp_wmb() in jar_put_tea(). */\n\tsmp_rmb();\n"
        "\t*tea =\n\t\tjar->tea;\n\t*count += shut;\n}\n"
    ),
    "\tWRITE_ONCE(jar->rice, rice);\n\tsmp_wmb();\n\tWRITE_ONCE(jar->rice_shut, 1);\n",
]


def test_barriers_that_are_moved(tmp_path: Path) -> None:
    directory = blanked_copy(FIXTURES / "KLP007", tmp_path / "KLP007")
    sources, findings = linted(directory / "moves.c")
    fixes = [finding.fix for finding in findings if finding.code == "KLP007" and finding.fix]
    assert [fix.title for fix in fixes] == [
        "move smp_rmb() behind the load of `jar.jam_shut`",
        "move smp_rmb() before the load of `jar.tea`",
        "move smp_wmb() behind the store to `jar.rice`",
    ]
    assert not any(fix.safe for fix in fixes)
    (file,) = plan_fixes(findings, frozenset(sources.files), sources.root).files
    after = re.sub(r"\(\);[ \t]+\n", "();\n", decode_source(file.after))
    assert all(part in after for part in MOVED)


RENAMED = {
    "till_other_name": "write till_count instead of purse_filled_up",
    "till_same_name": "write till_count instead of till_counted",
    "purse_by_name": "write purse_fill_up instead of purse_filled_up",
    "till_named_already": None,
    "till_other_barrier": None,
    "purse_other_barrier": None,
    "till_pointed": None,
    "till_writer_only": None,
    "purse_take_note": None,
}


def test_the_certain_partner_comes_before_a_similar_name(tmp_path: Path) -> None:
    directory = blanked_copy(FIXTURES / "KLP004", tmp_path / "KLP004")
    _, findings = linted(directory / "partner.c")
    fixes = {each.function: each.fix for each in findings if each.code == "KLP004"}
    assert {name: fix and fix.title for name, fix in fixes.items()} == RENAMED
    reason = fixes["till_other_name"].reason if fixes["till_other_name"] else ""
    assert "By the code, the partner is smp_wmb() in till_count() (partner.c:" in reason


USED = "pass `current`"
UNUSED = "pass `current`, and remove `task`"


def test_variables_that_macros_use_stay(tmp_path: Path) -> None:
    directory = blanked_copy(FIXTURES / "KLP001", tmp_path / "KLP001")
    _, findings = linted(directory / "used_by_macros.c")
    titles = {f.function: f.fix and f.fix.title for f in findings if f.code == "KLP001"}
    assert titles == {
        "used_by_own_macro": USED,
        "used_by_header": USED,
        "used_by_nested_macros": USED,
        "used_by_pasting": USED,
        "used_seldom": USED,
        "used_by_nobody": UNUSED,
        "used_by_other_name": UNUSED,
        "used_as_member": UNUSED,
        "used_pasted_otherwise": UNUSED,
    }


def check_fixes(directory: Path) -> int:
    """The number of fixes in a directory, all of which were applied to its files."""
    sources, before = linted(directory)
    plan = plan_fixes(before, frozenset(sources.files), sources.root)
    assert plan.left == ()
    for file in plan.files:
        if CHANGES_CODE.isdisjoint(finding.code for finding in file.findings):
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

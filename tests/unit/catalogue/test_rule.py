"""The catalogue: klplint's own rules are in order, and users' rules are checked as strictly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from klplint.catalogue.load import PAGE_SECTIONS, load_catalogue
from klplint.catalogue.places import builtin_rules
from klplint.catalogue.select import select_rules
from klplint.checks.argument import ArgumentCheck
from klplint.checks.barrier_comment import BarrierCommentCheck
from klplint.checks.switch_point import SwitchPointCheck
from klplint.errors import KlplintError
from tests.support.paths import ROOT
from tests.support.user_rules import user_rule


def test_own_rules_are_in_order() -> None:
    rules = load_catalogue()
    assert [rule.code for rule in rules] == sorted(rule.code for rule in rules)
    for rule in rules:
        assert rule.page.startswith(f"# {rule.code} {rule.header.name}\n")
        assert rule.header.summary[0].isupper()
        assert rule.header.summary[-1] != "."


def test_rules_on_the_switching_contract_agree_on_the_data_they_share() -> None:
    argument, point = (r.check for r in select_rules(load_catalogue(), ["KLP001", "KLP002"], []))
    assert isinstance(argument, ArgumentCheck)
    assert isinstance(point, SwitchPointCheck)
    assert argument.functions == point.functions
    assert argument.exceptions == point.exceptions


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"level": 'level = "fatal"'}, "rule.toml:3: level: "),
        ({"level": 'levle = "error"'}, "levle: unknown key (did you mean level?)"),
        ({"check": 'check = "argumnt"'}, 'unknown check "argumnt" (did you mean argument?)'),
        ({"functions": "functions = 3"}, "functions: expected a list"),
        ({"accept": "accept = []"}, "`accept` needs at least one expression"),
        ({"accept": 'accept = ["cur rent"]'}, "`cur rent` cannot be read as a C expression"),
        ({"since": 'since = "4.x"'}, 'expected a kernel version such as "6.12", found "4.x"'),
        ({"function": 'fonction = "x"'}, "exceptions[1].fonction: unknown key"),
        ({"tags": f"tags = {['x'] * 11}"}, "tags: expected a list of length <= 10"),
        ({"help_uri": 'help_uri = "my page"'}, "help_uri: expected"),
        ({"summary": f'summary = "{"x" * 1025}"'}, "is longer than"),
        ({"code": 'code = "xyz"'}, 'expected a code such as "KLP001"'),
        ({"code": 'code = "XYZ002"'}, 'the directory must be called "XYZ002-not-current"'),
        ({"name": 'name = "task-not-current"'}, "the directory must be called"),
        ({"check": "check ="}, "is not valid TOML"),
    ],
)
def test_a_malformed_rule_is_reported_with_file_line_and_key(
    tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    with pytest.raises(KlplintError) as raised:
        load_catalogue([user_rule(tmp_path, **changes)])
    assert "XYZ001-not-current/rule.toml" in str(raised.value)
    assert expected in str(raised.value)


def test_a_page_needs_its_headings(tmp_path: Path) -> None:
    page = user_rule(tmp_path) / "XYZ001-not-current" / "README.md"
    page.write_text("# XYZ001\n\n## Why\n")
    with pytest.raises(KlplintError, match="expected the headings What it flags, Why"):
        load_catalogue([tmp_path])
    page.unlink()
    with pytest.raises(KlplintError, match="cannot read the rule's page"):
        load_catalogue([tmp_path])


def test_families_are_klplints_own_where_a_rule_names_none() -> None:
    listed = {rule.code: rule for rule in load_catalogue([ROOT / "docs/example-rules"])}
    ours, example = listed["KLP003"].check, listed["SITE001"].check
    assert isinstance(ours, BarrierCommentCheck)
    assert isinstance(example, BarrierCommentCheck)
    assert example.families == ours.families


def test_a_code_is_taken_once(tmp_path: Path) -> None:
    shutil.copytree(
        builtin_rules() / "KLP001-task-not-current", tmp_path / "KLP001-task-not-current"
    )
    with pytest.raises(KlplintError, match="KLP001 is already used by"):
        load_catalogue([tmp_path])
    assert len(PAGE_SECTIONS) == 7

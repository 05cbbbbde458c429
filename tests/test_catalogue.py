"""The catalogue: klplint's own rules are in order, and users' rules are checked as strictly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_cli import IDLE, klplint

from klplint.catalogue.rule import PAGE_SECTIONS, load_catalogue, own_rules_folder, select_rules
from klplint.checks.argument import ArgumentCheck
from klplint.checks.barrier_comment import BarrierCommentCheck
from klplint.checks.switch_point import SwitchPointCheck
from klplint.errors import KlplintError


def test_own_rules_are_in_order() -> None:
    rules = load_catalogue()
    assert [rule.code for rule in rules] == sorted(rule.code for rule in rules)
    for rule in rules:
        assert rule.page.startswith(f"# {rule.code} {rule.header.name}\n")
        assert rule.header.summary[0].isupper() and rule.header.summary[-1] != "."


def test_rules_on_the_switching_contract_agree_on_the_data_they_share() -> None:
    argument, point = (r.check for r in select_rules(load_catalogue(), ["KLP001", "KLP002"], []))
    assert isinstance(argument, ArgumentCheck)
    assert isinstance(point, SwitchPointCheck)
    assert argument.functions == point.functions
    assert argument.exceptions == point.exceptions


def user_rule(folder: Path, **changes: str) -> Path:
    """A further catalogue with one rule like KLP001, lines of its rule.toml changed."""
    rule = folder / "XYZ001-not-current"
    shutil.copytree(own_rules_folder() / "KLP001-task-not-current", rule)
    text = (rule / "rule.toml").read_text()
    text = text.replace("KLP001", "XYZ001").replace("task-not-current", "not-current")
    for old, new in changes.items():
        lines = text.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{old} "))
        lines[at] = new
        text = "\n".join(lines)
    (rule / "rule.toml").write_text(text)
    return folder


def test_a_users_rule_uses_a_check_of_klplint(tmp_path: Path) -> None:
    catalogue = user_rule(
        tmp_path, functions='functions = ["schedule_idle"]', accept='accept = ["x"]'
    )
    source = tmp_path / "kgr.c"
    source.write_text("void schedule_idle(int);\nvoid f(int x, int y)\n{\n\tschedule_idle(x);\n"
                      "\tschedule_idle(y);\n}\n")  # fmt: skip
    done = klplint(
        "-f", "concise", "--rules", catalogue, "--select", "XYZ001",
        "--kernel", IDLE.parents[2], source,
    )  # fmt: skip
    assert [line.split(": ")[0] for line in done.stdout.splitlines()] == ["kgr.c:5:16"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"level": 'level = "fatal"'}, "rule.toml:3: level: "),
        ({"level": 'levle = "error"'}, "levle: unknown key (did you mean level?)"),
        ({"check": 'check = "argumnt"'}, 'there is no check "argumnt" (did you mean argument?)'),
        ({"functions": "functions = 3"}, "functions: expected a list"),
        ({"accept": "accept = []"}, "`accept` needs at least one expression"),
        ({"accept": 'accept = ["cur rent"]'}, "`cur rent` cannot be read as a C expression"),
        ({"since": 'since = "4.x"'}, 'expected a kernel version such as "6.12", found "4.x"'),
        ({"function": 'fonction = "x"'}, "exceptions[1].fonction: unknown key"),
        ({"tags": f"tags = {['x'] * 11}"}, "tags: expected a list of length <= 10"),
        ({"help_uri": 'help_uri = "my page"'}, "help_uri: expected"),
        ({"summary": f'summary = "{"x" * 1025}"'}, "is longer than"),
        ({"code": 'code = "xyz"'}, 'expected a code such as "KLP001"'),
        ({"code": 'code = "XYZ002"'}, 'the folder should be called "XYZ002-not-current"'),
        ({"name": 'name = "task-not-current"'}, "the folder should be called"),
        ({"check": "check ="}, "is not valid TOML"),
    ],
)
def test_a_malformed_rule_is_told_with_file_line_and_key(
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
    with pytest.raises(KlplintError, match="the rule's page cannot be read"):
        load_catalogue([tmp_path])


def test_families_are_klplints_own_where_a_rule_names_none() -> None:
    listed = {
        rule.code: rule
        for rule in load_catalogue([Path(__file__).parent.parent / "docs/example-rules"])
    }
    own, example = listed["KLP003"].check, listed["SITE001"].check
    assert isinstance(own, BarrierCommentCheck)
    assert isinstance(example, BarrierCommentCheck)
    assert example.families == own.families


def test_a_code_is_taken_once(tmp_path: Path) -> None:
    shutil.copytree(
        own_rules_folder() / "KLP001-task-not-current", tmp_path / "KLP001-task-not-current"
    )
    with pytest.raises(KlplintError, match="KLP001 is already taken by"):
        load_catalogue([tmp_path])
    assert len(PAGE_SECTIONS) == 7

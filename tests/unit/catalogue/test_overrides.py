"""The tables [rule.CODE] of a configuration file: what they change, what is said of bad ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.rule import Rule
from klplint.catalogue.select import find_rule
from klplint.checks.argument import ArgumentCheck
from klplint.checks.barrier_comment import BarrierCommentCheck
from klplint.checks.switch_point import SwitchPointCheck
from klplint.cli.plan import configured_catalogue
from klplint.config.load import read_config
from klplint.errors import KlplintError
from tests.support.paths import ROOT
from tests.support.user_rules import SAFE


def configured(directory: Path, text: str, name: str = "klplint.toml") -> tuple[Rule, ...]:
    """The catalogue as a configuration file with this text has it."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return configured_catalogue(read_config(path).rule_choice)


def complaint(directory: Path, text: str) -> str:
    """What is said of a configuration file, its path cut to its name."""
    with pytest.raises(KlplintError) as raised:
        configured(directory, text)
    return str(raised.value).replace(f"{directory}/", "")


@pytest.mark.parametrize("word", ["KLP003", "klp003", "unpaired-read-barrier"])
def test_a_key_replaces_the_rules_own_and_other_rules_stay(tmp_path: Path, word: str) -> None:
    rules = configured(tmp_path, f'[rule.{word}]\nbarriers = ["rmb", "mb"]\nlevel = "error"\n')
    ours = load_catalogue()
    changed = find_rule(rules, "KLP003")
    assert isinstance(changed.check, BarrierCommentCheck)
    assert changed.check.barriers == ("rmb", "mb")
    assert changed.header.level == "error"
    assert changed.header.summary == find_rule(ours, "KLP003").header.summary
    assert [rule for rule in rules if rule != changed] == [r for r in ours if r.code != "KLP003"]


def test_extend_appends_to_what_the_rule_has_or_the_table_gives(tmp_path: Path) -> None:
    text = '[rule.KLP001]\nextend-accept = ["y"]\naccept = ["x"]\nextend-tags = ["ours"]\n'
    rules, ours = configured(tmp_path, text + SAFE), load_catalogue()
    argument, point = find_rule(rules, "KLP001"), find_rule(rules, "KLP002").check
    assert isinstance(argument.check, ArgumentCheck)
    assert argument.check.accept == ("x", "y")
    assert argument.header.tags == (*find_rule(ours, "KLP001").header.tags, "ours")
    before = find_rule(ours, "KLP002").check
    assert isinstance(point, SwitchPointCheck)
    assert isinstance(before, SwitchPointCheck)
    assert point.safe_locations[:-1] == before.safe_locations
    assert point.safe_locations[-1].function == "sample_point"


def test_pyproject_has_the_tables_below_its_own(tmp_path: Path) -> None:
    text = '[tool.klplint]\nquiet = true\n[tool.klplint.rule.KLP003]\nlevel = "note"\n'
    rules = configured(tmp_path, text, "pyproject.toml")
    assert find_rule(rules, "KLP003").header.level == "note"
    with pytest.raises(KlplintError) as raised:
        configured(tmp_path, text.replace("level", "levle"), "pyproject.toml")
    expected = "pyproject.toml:4: tool.klplint.rule.KLP003.levle: unknown key (did you mean level?)"
    assert str(raised.value).endswith(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = 3\n", "klplint.toml:1: rule: expected a table, got a whole number"),
        (
            "[rule]\n# none\nKLP003 = 3\n",
            "klplint.toml:3: rule.KLP003: expected a table, got a whole number",
        ),
        ("\n[rule.KLP03]\n", 'klplint.toml:2: rule.KLP03: unknown rule "KLP03" (did you mean'),
        ('[rule."a.b"]\n', 'klplint.toml:1: rule.a.b: unknown rule "a.b"'),
        ("[rul.KLP003]\n", "klplint.toml:1: rul: unknown key (did you mean rule?)"),
        (
            "[rule.KLP003]\nbariers = []\n",
            "klplint.toml:2: rule.KLP003.bariers: unknown key (did you mean barriers?)",
        ),
        (
            "[rule.KLP002]\nextend-safe-locations = []\n",
            (
                "klplint.toml:2: rule.KLP002.extend-safe-locations: unknown key "
                "(did you mean extend-safe_locations?)"
            ),
        ),
        (
            '[rule.KLP003]\nbarriers = ["rmb", 3]\n',
            "klplint.toml:2: rule.KLP003.barriers[2]: expected text, got a whole number",
        ),
        (
            '[rule.KLP003]\nlevel = "fatal"\n',
            "klplint.toml:2: rule.KLP003.level: expected one of error, note, warning, not 'fatal'",
        ),
        (
            f'[rule.KLP003]\nsummary = "{"x" * 1025}"\n',
            "klplint.toml:2: rule.KLP003.summary: is longer than the 1024 characters",
        ),
        (
            '[rule.KLP003]\ncode = "KLP009"\n',
            "klplint.toml:2: rule.KLP003.code: `code` identifies the rule",
        ),
        (
            "[rule.KLP003]\nextend-name = []\n",
            "klplint.toml:2: rule.KLP003.extend-name: `name` identifies the rule",
        ),
        (
            '[rule.KLP003]\nextend-level = ["note"]\n',
            "klplint.toml:2: rule.KLP003.extend-level: `level` is not a list",
        ),
        (
            SAFE + SAFE.replace("file", "fiel"),
            (
                "klplint.toml:11: rule.KLP002.extend-safe_locations[2].fiel: unknown key "
                "(did you mean file?)"
            ),
        ),
        (
            SAFE.replace("6.1", "6.x"),
            "klplint.toml:2: rule.KLP002.extend-safe_locations[1]: expected a kernel version",
        ),
        (
            "[rule.KLP001]\naccept = []\n",
            "klplint.toml:2: rule.KLP001.accept: `accept` needs at least one expression",
        ),
        (
            '[rule.KLP003]\nextend-barriers = ["rmb()"]\n',
            "klplint.toml:2: rule.KLP003.extend-barriers: `rmb()` is not a read barrier in rules/",
        ),
        (
            "[rule.KLP003]\n[rule.unpaired-read-barrier]\n",
            "klplint.toml:2: rule.unpaired-read-barrier: rule KLP003 is configured twice",
        ),
    ],
)
def test_what_does_not_fit_is_reported_with_file_line_and_key(
    tmp_path: Path, text: str, said: str
) -> None:
    assert complaint(tmp_path, text).startswith(said)


def test_the_examples_in_the_documentation_hold(tmp_path: Path) -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    # tests/cli/test_families.py tries those with families.
    examples = [b for b in blocks if "[rule." in b and "[families." not in b]
    assert len(examples) == 1
    assert configured(tmp_path, examples[0]) != load_catalogue()

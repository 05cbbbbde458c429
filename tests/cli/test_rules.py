"""Rules of the user, and tables [rule.CODE], in whole runs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command import klplint
from tests.support.paths import IDLE, MINIKERNEL
from tests.support.user_rules import SAFE, user_rule


def test_check_uses_the_changed_rule(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text('[rule.KLP003]\nlevel = "error"\n')
    done = klplint("-f", "json", "--select", "KLP003", "--config", config, MINIKERNEL)
    levels = {finding["level"] for finding in json.loads(done.stdout)["findings"]}
    assert levels == {"error", "note"}  # notes are said of single places, whatever the level


def test_an_added_safe_location_is_one(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    got = klplint("-f", "json", "--select", "KLP002", IDLE)
    place = json.loads(got.stdout)["findings"][0]
    config.write_text(
        SAFE.replace("sample_point", place["function"]).replace("drivers/sample.c", place["file"])
    )
    assert klplint("--select", "KLP002", "--config", config, IDLE).returncode == 0


def test_rules_lists_the_levels_in_force_and_a_bad_table_ends_every_command(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text('[rule.KLP003]\nlevel = "note"\nsummary = "Ours"\n')
    listed = klplint("rules", "--config", config).stdout.splitlines()
    assert [line.split() for line in listed if "KLP003" in line] == [
        ["KLP003", "unpaired-read-barrier", "note", "Ours"]
    ]
    config.write_text("[rule.KLP099]\n")
    for command in (("rules",), ("explain", "KLP001"), ("check", IDLE), ("coverage", IDLE)):
        done = klplint(*command, "--config", config)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"klplint: {config}:1: rule.KLP099: unknown rule")
        assert done.stderr.count("\n") == 1


def test_a_users_rule_uses_a_check_of_klplint(tmp_path: Path) -> None:
    catalogue = user_rule(
        tmp_path, functions='functions = ["schedule_idle"]', accept='accept = ["x"]'
    )
    source = tmp_path / "kgr.c"
    calls = "\tschedule_idle(x);\n\tschedule_idle(y);\n"
    source.write_text(f"void schedule_idle(int);\nextern int x;\nvoid f(int y)\n{{\n{calls}}}\n")
    done = klplint(
        "-f", "concise", "--rules", catalogue, "--select", "XYZ001",
        "--kernel", IDLE.parents[2], source,
    )  # fmt: skip
    assert [line.split(": ")[0] for line in done.stdout.splitlines()] == ["kgr.c:6:16"]


def test_rules_as_json(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text('[rule.KLP003]\nlevel = "note"\nextend-tags = ["ours"]\n')
    document = json.loads(klplint("rules", "-f", "json", "--config", config).stdout)
    assert document["version"] == 1
    rules = {rule["code"]: rule for rule in document["rules"]}
    assert [*rules] == sorted(rules)
    assert rules["KLP003"]["name"] == "unpaired-read-barrier"
    assert rules["KLP003"]["level"] == "note"
    assert rules["KLP003"]["tags"][-1] == "ours"
    plain = klplint("rules", "--isolated").stdout.splitlines()
    assert len(plain) == len(rules)


def test_explain_takes_several_rules_once_each() -> None:
    done = klplint("explain", "--isolated", "KLP003", "task-not-current", "klp003")
    titles = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    assert titles == ["# KLP003 unpaired-read-barrier", "# KLP001 task-not-current"]
    assert klplint("explain", "KLP003", "KLP099").returncode == 2
    assert klplint("explain").returncode == 2


def test_explain_shows_the_levels_in_force(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text('[rule.KLP003]\nlevel = "error"\nextend-barriers = ["rmb"]\n')
    page = klplint("explain", "KLP003", "--config", config).stdout
    before = klplint("explain", "KLP003", "--isolated").stdout
    assert "The configuration changes `level`, `barriers` of this rule. The level is error." in page
    assert before.count("\n| warning |") == page.count("\n| error |") > 0
    assert "\n| warning |" not in page
    assert before.count("\n| note |") == page.count("\n| note |") > 0
    other = klplint("explain", "KLP002", "--config", config).stdout
    assert other == klplint("explain", "KLP002", "--isolated").stdout

"""`klplint config`: every setting, its value and its origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from klplint.cli import commands as cli
from klplint.config.settings import TABLES, Settings
from tests.support.command import klplint
from tests.support.paths import IDLE, MINIKERNEL

CONFIG = """\
jobs = 2
select = ["KLP003"]
cache-dir = "cache"

[rule.KLP003]
level = "error"
"""


def settings(*arguments: object, directory: Path | None = None) -> dict[str, dict[str, Any]]:
    """What config lists, by key."""
    done = klplint("config", "-f", "json", *arguments, directory=directory)
    assert (done.returncode, done.stderr) == (0, "")
    return {entry.pop("key"): entry for entry in json.loads(done.stdout)["settings"]}


def test_all_settings_are_listed_with_their_defaults() -> None:
    got = settings("--isolated")
    fields = msgspec.structs.fields(Settings)
    assert list(got) == [f.encode_name for f in fields if f.encode_name not in TABLES]
    assert {entry["origin"] for entry in got.values()} == {"default"}
    assert got["exclude"]["value"] == ["/Documentation/", "/scripts/", "/tools/"]


def test_origins_are_a_line_of_the_file_or_an_option(tmp_path: Path) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(CONFIG)
    got = settings("--config", config, "--select", "KLP001,KLP002", "--no-cache")
    line = {"origin": "file", "file": str(config), "option": None}
    assert got["jobs"] == {"value": 2, **line, "line": 1}
    assert got["cache-dir"] == {"value": str(tmp_path / "cache"), **line, "line": 3}
    assert got["rule.KLP003.level"] == {"value": "error", **line, "line": 6}
    option = {"origin": "option", "file": None, "line": None}
    assert got["select"] == {"value": ["KLP001", "KLP002"], **option, "option": "--select"}
    assert got["cache"] == {"value": False, **option, "option": "--no-cache"}


def test_the_file_is_the_one_that_check_finds(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.other]\njobs = 1\n[tool.klplint]\njobs = 3\n")
    (tmp_path / "sub").mkdir()
    got = settings("sub", directory=tmp_path)["jobs"]
    assert (got["value"], got["file"], got["line"]) == (3, str(project), 4)
    assert settings("--isolated", "sub", directory=tmp_path)["jobs"]["value"] == 0


def test_as_text(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    (tmp_path / "klplint.toml").write_text(CONFIG)
    done = klplint("config", "--config", "klplint.toml", "--fail-on", "error", directory=tmp_path)
    assert done.stdout == snapshot


def test_nothing_is_linted_and_no_file_written(tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    got = settings(IDLE, "-o", output, "--sarif-output", tmp_path / "o.sarif")
    assert got["output"]["value"] == str(output)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jbos = 1\n", "klplint.toml:1: jbos: unknown key (did you mean jobs?)"),
        ("\njobs = -1\n", "klplint.toml:2: jobs: expected a whole number >= 0"),
        ("jobs = 257\n", "klplint.toml:1: jobs: expected a whole number <= 256"),
        ('fail-on = "fatal"\n', "klplint.toml:1: fail-on: expected one of error, note, warning,"),
        (
            'format = "xml"\n',
            "klplint.toml:1: format: expected one of concise, github, html, json,",
        ),
        ("[rules.KLP003]\n", "klplint.toml:1: rules: expected a list of directories; "),
        ("[rules.KLP003]\n", "called [rule.CODE] (did you mean rule?)"),
        ("[rule.KLP03]\n", 'klplint.toml:1: rule.KLP03: unknown rule "KLP03" (did you mean'),
    ],
)
def test_what_is_wrong_is_reported_with_what_would_be_right(
    tmp_path: Path, text: str, said: str
) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(text)
    for command in ("config", "check"):
        done = klplint(command, "--config", config, MINIKERNEL / "kernel")
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--select KLP9 kernel", 'unknown rule "KLP9"'),
        ("--ignore KLP kernel", "no rules selected"),
        ("--patch a --diff-from b kernel", "--patch and --diff-from cannot be combined"),
        ("kernel nowhere", "nowhere: no such file or directory"),
        ("chekc", "not a file, a directory or a command (did you mean check?)"),
    ],
)
def test_what_check_refuses_is_refused_in_the_same_words(arguments: str, said: str) -> None:
    shown = klplint("config", *arguments.split(), directory=MINIKERNEL)
    refused = klplint("check", *arguments.split(), directory=MINIKERNEL)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert shown.stderr == refused.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('select = ["KLP9"]', 'select: unknown rule "KLP9"'),
        ('ignore = ["KLP9"]', 'ignore: unknown rule "KLP9"'),
        ('arch = "z80"', 'arch: the tree has no architecture "z80"'),
    ],
)
def test_what_is_refused_later_is_reported_with_its_line_too(
    tmp_path: Path, text: str, said: str
) -> None:
    config = tmp_path / "klplint.toml"
    config.write_text(f"jobs = 1\n{text}\n")
    done = klplint("--config", config, IDLE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"klplint: {config}:2: {said}")
    option = klplint("--config", config, "--select", "KLP8", "--ignore", "KLP7", IDLE)
    assert option.stderr.startswith('klplint: unknown rule "KLP8"')


def test_two_ways_to_compare_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "klplint.toml").write_text('diff-from = "HEAD"\npatch = "a.diff"\n')
    done = klplint("config", directory=tmp_path)
    assert done.returncode == 2
    assert "klplint.toml:2: patch: --patch and --diff-from cannot be combined" in done.stderr


def test_every_choice_on_the_command_line_has_its_key_and_the_other_way_round() -> None:
    keys = {field.name for field in msgspec.structs.fields(Settings)}
    about_the_file = {"config_file", "isolated"}
    options = {p.name for p in cli.check.params if isinstance(p, click.Option)}
    assert options - about_the_file == keys - {name.replace("-", "_") for name in TABLES}
    shown = {p.name for p in cli.config.params if isinstance(p, click.Option)}
    assert shown - {"form", "schema"} == options - {"format"}  # -f is how it is shown
    for command in (cli.kbuild, cli.baseline, cli.coverage, cli.pairs):
        shown = {p.name for p in command.params if isinstance(p, click.Option)}
        assert shown - {"explain"} <= options  # which barrier to explain is not a setting

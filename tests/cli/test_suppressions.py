"""Suppressions in whole runs: how each format shows them, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import klplint
from tests.support.paths import MINIKERNEL
from tests.support.suppression_samples import BARRIERS, SUPPRESS


def run(directory: Path, *arguments: str) -> tuple[int, str]:
    done = klplint("--kernel", MINIKERNEL, *arguments, directory / "sample.c")
    return done.returncode, done.stdout


@pytest.fixture
def suppressed(tmp_path: Path) -> Path:
    """A directory with a file whose only finding is suppressed."""
    text = BARRIERS % SUPPRESS
    (tmp_path / "sample.c").write_text(text.replace("\tc += *b;\n\tsmp_rmb();\n", ""))
    return tmp_path


@pytest.mark.parametrize("name", ["text", "concise", "json", "sarif"])
def test_suppressed_findings_do_not_count_for_the_exit_status(suppressed: Path, name: str) -> None:
    for option in ("--no-show-suppressed", "--show-suppressed"):
        assert run(suppressed, "-f", name, "--fail-on", "note", option)[0] == 0
    (suppressed / "sample.c").write_text(BARRIERS % SUPPRESS)
    assert run(suppressed, "-f", name, "--show-suppressed")[0] == 1


def test_text_and_concise(suppressed: Path) -> None:
    assert run(suppressed) == (
        0,
        (
            "No findings. Suppressed: 1 finding, shown with --show-suppressed. "
            "Examined: 1 file, 1 occurrence of\nwatched names.\n"
        ),
    )
    assert run(suppressed, "-f", "concise") == (0, "")
    text = run(suppressed, "--show-suppressed")[1]
    assert "(suppressed: the device orders its own writes)" in " ".join(text.split())
    assert "No findings. Suppressed: 1 finding, marked above. Examined:" in text
    (line,) = run(suppressed, "-f", "concise", "--show-suppressed")[1].splitlines()
    assert line.startswith("sample.c:6:2: warning: smp_rmb() in f() has no comment")
    assert line.endswith("[KLP003] (suppressed)")


def test_json_and_sarif(suppressed: Path) -> None:
    def results(*arguments: str) -> tuple[list[Any], list[Any]]:
        of_json = json.loads(run(suppressed, "-f", "json", *arguments)[1])["findings"]
        of_sarif = json.loads(run(suppressed, "-f", "sarif", *arguments)[1])["runs"][0]["results"]
        return of_json, of_sarif

    assert results() == ([], [])
    (suppressed / "sample.c").write_text(BARRIERS % SUPPRESS)
    of_json, of_sarif = results()
    assert [f["suppressed"] for f in of_json] == [False]
    assert ["suppressions" in r for r in of_sarif] == [False]
    of_json, of_sarif = results("--show-suppressed")
    assert [(f["line"], f["suppressed"]) for f in of_json] == [(6, True), (8, False)]
    assert [r["suppressions"] for r in of_sarif] == [
        [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": "the device orders its own writes",
            }
        ],
        [],
    ]


def test_the_key_in_the_configuration(suppressed: Path) -> None:
    (suppressed / "klplint.toml").write_text("show-suppressed = true\n")
    assert "[KLP003] (suppressed)" in run(suppressed, "-f", "concise")[1]
    assert run(suppressed, "-f", "concise", "--no-show-suppressed")[1] == ""


def test_coverage_does_not_list_what_only_names_klplint(tmp_path: Path) -> None:
    (tmp_path / "sample.c").write_text(f"{SUPPRESS}\nint a;\n")
    done = klplint("coverage", "-f", "json", "--kernel", MINIKERNEL, tmp_path)
    assert json.loads(done.stdout) == {"summary": {}, "files": 0, "parses": 0, "occurrences": []}

"""Suppressions in whole runs: what is found, kept apart, counted, and shown in each format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from expectations import MINIKERNEL
from single_file import facts_of
from test_cli import klplint

from klplint.catalogue.rule import load_catalogue, select_rules
from klplint.engine.coverage import account
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Finding, Result
from klplint.kernel.tree import find_sources
from klplint.progress import Silence

BARRIERS = """\
int f(int *a, int *b)
{
	int c = *a;

	%s
	smp_rmb();
	c += *b;
	smp_rmb();
	return c;
}
"""
SUPPRESS = "/* klplint: ignore[KLP003] the device orders its own writes */"


def linted(folder: Path, text: str, *select: str, ignore: tuple[str, ...] = ()) -> Result:
    (folder / "sample.c").write_text(text)
    catalogue = load_catalogue()
    rules = select_rules(catalogue, select, ignore)
    return lint(
        Plan(find_sources([folder], MINIKERNEL, ()), rules, Execution(jobs=1), catalogue), Silence()
    )


def lines_of(findings: tuple[Finding, ...]) -> list[tuple[int, str]]:
    return [(f.place.region.line, f.code) for f in findings]


def test_suppressed_findings_are_kept_apart(tmp_path: Path) -> None:
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    assert lines_of(result.findings) == [(8, "KLP003")]
    assert lines_of(result.suppressed) == [(6, "KLP003")]
    assert result.suppressed[0].justification == "the device orders its own writes"


def test_fingerprints_and_their_counting_stay_the_same(tmp_path: Path) -> None:
    without = linted(tmp_path, BARRIERS % "/* ... */")
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    both = [*result.suppressed, *result.findings]
    assert [f.fingerprint for f in both] == [f.fingerprint for f in without.findings]
    assert len({f.fingerprint for f in both}) == 2


def test_only_rules_in_force_make_a_suppression_useless(tmp_path: Path) -> None:
    text = f"{SUPPRESS}\nint a;\n/* klplint: ignore[KLP009] reason */\nint b;\n"
    assert lines_of(linted(tmp_path, text).findings) == [(1, "KLP000"), (3, "KLP000")]
    for select, ignore in ((("KLP000",), ()), (("KLP000", "KLP001"), ()), ((), ("KLP003",))):
        assert lines_of(linted(tmp_path, text, *select, ignore=ignore).findings) == [(3, "KLP000")]
    assert linted(tmp_path, text, ignore=("KLP000",)).findings == ()


def test_suppressions_work_where_klp000_is_not_in_force(tmp_path: Path) -> None:
    result = linted(tmp_path, BARRIERS % SUPPRESS, "KLP003")
    assert lines_of(result.findings) == [(8, "KLP003")]
    assert lines_of(result.suppressed) == [(6, "KLP003")]


def test_klp000_is_not_suppressed_by_a_comment(tmp_path: Path) -> None:
    text = f"/* klplint: ignore[KLP000] I know */\n{SUPPRESS}\nint a;\n"
    result = linted(tmp_path, text)
    assert lines_of(result.findings) == [(1, "KLP000"), (2, "KLP000")]
    assert result.findings[0].message.startswith("KLP000 cannot be suppressed by a comment")
    assert result.suppressed == ()


def test_two_codes_of_which_one_is_of_use(tmp_path: Path) -> None:
    text = BARRIERS % "/* klplint: ignore[KLP001, KLP003, KLP002] reason */"
    assert [f.message for f in linted(tmp_path, text).findings if f.code == "KLP000"] == [
        "KLP001 and KLP002 report nothing on line 6: remove KLP001 and KLP002 from the brackets"
    ]


def test_a_file_that_only_names_klplint_is_read_and_not_counted(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, f"{SUPPRESS}\nint a;\n", "only.c")
    assert (facts.parses, facts.occurrences, len(facts.suppressions)) == (0, (), 1)
    assert not facts.is_concerned
    assert account([facts]).files == 0
    (tmp_path / "prose.c").write_text("/* klplint was here, klplint_too */\n")
    result = linted(tmp_path, BARRIERS % SUPPRESS)
    assert (result.files, result.occurrences) == (1, 2)
    assert [f.place.file for f in result.findings] == ["only.c", "sample.c"]


def test_in_a_file_that_was_not_parsed_nothing_is_called_useless(tmp_path: Path) -> None:
    """What libclang fails on is judged from its tokens: a finding may be missing."""
    text = "#define A 1\n" * (8 * 1024 * 1024 // 12 + 1) + BARRIERS % (
        "/* klplint: ignore[KLP001] reason */\n\t/* klplint: ignore[] reason */"
    )
    result = linted(tmp_path, text)
    (note,) = (f for f in result.findings if f.code == "KLP000")
    assert "brackets are empty" in note.message
    assert any("larger than 8 MiB" in missed.reason for missed in result.not_analysed)


# The command line


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = klplint("--kernel", MINIKERNEL, *arguments, folder / "sample.c")
    return done.returncode, done.stdout


@pytest.fixture
def suppressed(tmp_path: Path) -> Path:
    """A folder with a file whose only finding is suppressed."""
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
        "No findings. Suppressed: 1 finding, --show-suppressed lists them. "
        "Examined: 1 file, 1 occurrence of\nwatched names.\n",
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

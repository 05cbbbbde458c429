"""Rules that do not apply to whole files: [per-file-ignores], and comments with ignore-file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import complaint, klplint
from tests.support.scratch_git import WRONG

FILE = "drivers/misc/new.c"
BAD = ["KLP001", "KLP002"]


def codes(tree: Path, *arguments: object, file: str = FILE) -> list[str]:
    done = klplint("-q", "-f", "json", *arguments, tree / file)
    assert done.returncode < 2, done
    return sorted(finding["code"] for finding in json.loads(done.stdout)["findings"])


def write(tree: Path, text: str = WRONG, file: str = FILE) -> None:
    (tree / file).parent.mkdir(parents=True, exist_ok=True)
    (tree / file).write_text(text)


def configure(tree: Path, pattern: str, *words: str) -> None:
    (tree / "klplint.toml").write_text(
        f'[per-file-ignores]\n"{pattern}" = {json.dumps(words)}\n', encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("pattern", "words", "left"),
    [
        ("new.c", ["KLP001"], ["KLP002"]),
        ("/drivers/", ["KLP"], []),
        ("drivers/misc", ["task-not-current", "KLP002"], []),
        ("*.c", ["klp002"], ["KLP001"]),
        ("/drivers/**/n[a-e]w.c", ["KLP001"], ["KLP002"]),
        ("/misc/", ["KLP001"], BAD),
        ("/new.c", ["KLP001"], BAD),
        ("*.h", ["KLP001"], BAD),
        ("new.c", [], BAD),
    ],
)
def test_rules_are_ignored_in_files_that_fit(
    minikernel: Path, pattern: str, words: list[str], left: list[str]
) -> None:
    write(minikernel)
    configure(minikernel, pattern, *words)
    assert codes(minikernel) == left
    assert codes(minikernel, "--isolated") == BAD


def test_patterns_are_relative_to_the_configuration(minikernel: Path, tmp_path: Path) -> None:
    write(minikernel)
    configure(minikernel / "drivers", "/misc/new.c", *BAD)
    assert codes(minikernel) == []
    configure(tmp_path, f"/linux/{FILE}", "KLP001")
    assert codes(minikernel, "--config", tmp_path / "klplint.toml") == ["KLP002"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    configure(elsewhere, "*.c", *BAD)
    assert codes(minikernel, "--config", elsewhere / "klplint.toml") == BAD


def test_pyproject_and_a_baseline(minikernel: Path) -> None:
    write(minikernel)
    (minikernel / "pyproject.toml").write_text(
        '[tool.klplint.per-file-ignores]\n"a.b/new.c" = ["KLP001"]\n"new.c" = ["KLP002"]\n'
    )
    assert codes(minikernel) == ["KLP001"]
    base = minikernel / "base"
    assert klplint("baseline", "-o", base, minikernel / FILE).returncode == 0
    assert base.read_text().count("\nKLP001 ") == 1
    assert "KLP002 " not in base.read_text()


def test_a_suppression_of_an_ignored_rule_is_not_useless(minikernel: Path) -> None:
    write(minikernel, "/* klplint: ignore[KLP003] a reason */\nint a;\n")
    assert codes(minikernel) == ["KLP000"]
    configure(minikernel, "new.c", "KLP003")
    assert codes(minikernel) == []
    configure(minikernel, "new.c", "KLP000")
    assert codes(minikernel) == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('"a.c" = ["KLP099"]', 'per-file-ignores.a.c: unknown rule "KLP099"'),
        ('"!a.c" = ["KLP001"]', "per-file-ignores.!a.c: is not a pattern"),
        ('"[" = ["KLP001"]', "per-file-ignores.[: is not a pattern"),
        ('"" = ["KLP001"]', "per-file-ignores"),
        ('"a.c" = "KLP001"', "per-file-ignores"),
        ('"a.c" = [1]', "per-file-ignores"),
    ],
)
@pytest.mark.parametrize("command", [[], ["config"]])
def test_what_does_not_fit(minikernel: Path, command: list[str], table: str, expected: str) -> None:
    (minikernel / "klplint.toml").write_text(f"[per-file-ignores]\n{table}\n")
    said = complaint(*command, directory=minikernel)
    assert "klplint.toml:" in said
    assert expected in said


def test_config_shows_them(minikernel: Path) -> None:
    configure(minikernel, "new.c", "KLP001")
    shown = klplint("config", directory=minikernel).stdout
    assert 'per-file-ignores."new.c"' in shown
    assert 'klplint.toml:2  ["KLP001"]' in shown


WHOLE = "/* klplint: ignore-file[{}] the file is a test */\n"


@pytest.mark.parametrize(
    "head",
    [
        WHOLE,
        "// SPDX-License-Identifier: MIT\n/*\n * Title\n */\n\n" + WHOLE,
        "#include <linux/kernel.h>\n#ifdef A\n#define B \\\n\t1\n#endif\n" + WHOLE,
        WHOLE.replace("/*", "//").replace("*/", ""),
    ],
)
def test_a_comment_for_the_whole_file(minikernel: Path, head: str) -> None:
    again = WRONG.replace("touch", "again")
    write(minikernel, head.replace("{}", "KLP001") + WRONG + again)
    assert codes(minikernel) == ["KLP002", "KLP002"]
    write(minikernel, head.replace("{}", "KLP001, KLP002") + WRONG + again)
    assert codes(minikernel) == []
    assert codes(minikernel, "--show-suppressed") == [*("KLP001", "KLP001"), *("KLP002", "KLP002")]


@pytest.mark.parametrize(
    ("text", "complaint_"),
    [
        (WHOLE.replace("{}", "KLP003") + WRONG, "KLP003 reports nothing in this file"),
        (WRONG + WHOLE.replace("{}", "KLP001"), "ignore-file has to be above all declarations"),
        ("int a; " + WHOLE.replace("{}", "KLP001") + WRONG, "ignore-file has to be above all"),
        ("/* klplint: ignore-file[KLP001] */\n" + WRONG, "the reason is missing"),
        ("/* klplint: ignore-file */\n" + WRONG, "ignore-file has no rule code"),
        ("/* klplint: ignore-flie[KLP001] x */\n" + WRONG, "(did you mean ignore-file?)"),
        (
            "/* KLPLINT: IGNORE[KLP001] x */\n" + WRONG,
            'unknown keyword "IGNORE" (did you mean ignore?)',
        ),
        ("/* KLPLINT: ignore[KLP001] x */\n" + WRONG, '"KLPLINT" has to be in lower case'),
        ("/* Klplint: ignore[KLP001] x */\n" + WRONG, '"Klplint" has to be in lower case'),
        ("/* klplint-ignore[KLP001] x */\n" + WRONG, "the colon after klplint is missing"),
        ("/* klplint: Ignore-File[KLP001] x */\n" + WRONG, "(did you mean ignore-file?)"),
        ("/* klplint: ignore(KLP001) x */\n" + WRONG, "ignore has no rule code"),
    ],
)
def test_what_is_nearly_right_is_reported(minikernel: Path, text: str, complaint_: str) -> None:
    write(minikernel, text)
    done = klplint("-q", "-f", "json", minikernel / FILE)
    findings = json.loads(done.stdout)["findings"]
    (about,) = [f["message"] for f in findings if f["code"] == "KLP000"]
    assert complaint_ in about
    assert sorted(f["code"] for f in findings if f["code"] != "KLP000") == BAD


@pytest.mark.parametrize("mark", ["KLPLINT", "Klplint"])
def test_files_without_a_watched_name_are_read_for_such_a_mark(minikernel: Path, mark: str) -> None:
    write(minikernel, f"/* {mark}: ignore[KLP001] x */\nint a;\n")
    assert codes(minikernel) == ["KLP000"]

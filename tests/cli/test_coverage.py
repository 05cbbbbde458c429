"""Coverage: every occurrence once, with what became of it; the two forms and the exit status."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from klplint.catalogue.load import load_catalogue
from klplint.engine.coverage import Coverage, cover
from klplint.engine.plan import Execution, Plan
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from klplint.report.base import Appearance
from klplint.report.coverage import render
from tests.support.command import klplint
from tests.support.paths import MINIKERNEL

NAMES = {"smp_rmb", "klp_patch_task", "klp_update_patch_state"}
CLASSES = {
    *("call", "reference", "macro-body", "declaration", "definition"),
    *("directive", "comment", "string", "assembly"),
}
TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<define>^[ \t]*\#[ \t]*define[ \t]+\w+(?:\([^)]*\))?)|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<end>\n)""",
    re.DOTALL | re.MULTILINE,
)


@pytest.fixture(scope="module")
def got() -> Coverage:
    """The coverage of the minikernel."""
    sources = find_sources([MINIKERNEL], None, DEFAULT_EXCLUDES)
    return cover(Plan(sources, load_catalogue(), Execution(jobs=2)), Silence())


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The JSON form, as the command line gives it."""
    done = klplint("coverage", "-f", "json", MINIKERNEL)
    assert (done.returncode, done.stderr) == (0, "")
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


def plainly_reported(path: Path) -> list[tuple[int, int, str, str]]:
    """Line, column, name and roughly the class of all occurrences, by a tokenizer of our own."""
    text = path.read_text()
    printed: list[tuple[int, int, str, str]] = []
    in_macro = False
    for match in TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "define":
            in_macro = True
        elif kind == "end" and text[match.start() - 1] != "\\":
            in_macro = False
        for word in re.finditer(r"[A-Za-z_]\w*", match[0]):
            if word[0] in NAMES:
                start = match.start() + word.start()
                line = text.count("\n", 0, start) + 1
                column = start - text.rfind("\n", 0, start)
                where = "macro-body" if in_macro and kind == "word" else kind
                printed.append((line, column, word[0], where))
    return printed


def test_the_occurrences_are_exactly_the_textual_ones(document: dict[str, Any]) -> None:
    excluded = ("Documentation", "scripts", "tools")
    expected = {
        (path.relative_to(MINIKERNEL).as_posix(), line, column, name)
        for path in MINIKERNEL.rglob("*")
        if path.suffix in (".c", ".h", ".S")
        and path.relative_to(MINIKERNEL).parts[0] not in excluded
        for line, column, name, _ in plainly_reported(path)
    }
    listed = [(o["file"], o["line"], o["column"], o["name"]) for o in document["occurrences"]]
    assert len(expected) > 50
    assert set(listed) == expected
    assert len(listed) == len(expected)
    assert [place[:3] for place in listed] == sorted(place[:3] for place in listed)


def test_comments_strings_and_macros_are_distinguished(document: dict[str, Any]) -> None:
    for path in sorted({MINIKERNEL / o["file"] for o in document["occurrences"]}):
        printed = {(line, column): kind for line, column, _, kind in plainly_reported(path)}
        file = path.relative_to(MINIKERNEL).as_posix()
        for o in document["occurrences"]:
            if o["file"] == file:
                kind = printed[o["line"], o["column"]]
                expected = {"define": {"definition"}, "word": CLASSES - {"comment", "string"}}
                assert o["class"] in expected.get(kind, {kind}), o


def test_the_form_is_as_promised(document: dict[str, Any]) -> None:
    assert {"summary", "files", "occurrences"} <= document.keys()
    assert document["files"] == len({o["file"] for o in document["occurrences"]})
    for o in document["occurrences"]:
        assert list(o) == [
            *("file", "line", "column", "name", "class", "how", "function", "variant", "reason")
        ]
        assert o["class"] in CLASSES
        assert o["how"] in ("ast", "tokens", "text")
        assert not Path(o["file"]).is_absolute()
        if o["class"] in ("call", "reference") and o["how"] == "tokens":
            assert o["reason"]
        if o["how"] == "ast":
            assert o["variant"]


def test_the_summary_counts_the_classes(document: dict[str, Any]) -> None:
    counted = Counter(o["class"] for o in document["occurrences"])
    assert document["summary"] == counted
    assert list(document["summary"].values()) == sorted(counted.values(), reverse=True)


def test_calls_are_in_the_ast_but_for_what_is_disabled(document: dict[str, Any]) -> None:
    missed = [o for o in document["occurrences"] if o["class"] == "call" and o["how"] != "ast"]
    assert [(o["file"], o["reason"]) for o in missed] == [
        ("drivers/misc/kpoll.c", "disabled by #if 0")
    ]
    assert document["parses"] <= 1.3 * document["files"]


def test_each_occurrence_says_where_it_stands(document: dict[str, Any]) -> None:
    functions = {
        (o["file"], o["function"]) for o in document["occurrences"] if o["class"] == "call"
    }
    assert ("kernel/sched/idle.c", "do_idle") in functions
    assert ("arch/powerpc/kernel/signal.c", "do_notify_resume") in functions
    variants = {o["variant"] for o in document["occurrences"]}
    assert {"x86", "powerpc", "x86 CONFIG_RINGDEV_NAPI", "x86 !CONFIG_SMP"} <= variants


def test_text_form(got: Coverage, snapshot: SnapshotAssertion) -> None:
    assert render("text", got, Appearance()) == snapshot


def test_text_form_of_nothing() -> None:
    assert "No occurrences of watched names." in render(
        "text", Coverage((), 0, 0, ()), Appearance()
    )


def test_json_form_of_nothing() -> None:
    empty = json.loads(render("json", Coverage((), 0, 0, ()), Appearance()))
    assert empty == {"summary": {}, "files": 0, "parses": 0, "occurrences": []}


def test_the_command_prints_the_same(got: Coverage, tmp_path: Path) -> None:
    # How many parses a file took is cached, and other runs may have parsed it alone.
    done = klplint("coverage", "--no-cache", MINIKERNEL)
    assert done.stdout == render("text", got, Appearance())
    output = tmp_path / "o.json"
    done = klplint("coverage", "--no-cache", "-f", "json", "-o", output, MINIKERNEL)
    assert done.stdout == ""
    assert output.read_text() == render("json", got, Appearance())


def test_exit_statuses() -> None:
    disabled, clean = MINIKERNEL / "drivers/misc/kpoll.c", MINIKERNEL / "kernel/sched/idle.c"
    assert klplint("coverage", disabled).returncode == 0
    assert klplint("coverage", "--strict", disabled).returncode == 2
    assert klplint("coverage", "--strict", clean).returncode == 0
    assert klplint("coverage", "/no/such/place").returncode == 2


def test_strict_says_why_it_fails() -> None:
    done = klplint("coverage", "--strict", MINIKERNEL / "drivers/misc/kpoll.c")
    assert done.stderr == "klplint: 1 occurrence not found in libclang's AST (--strict)\n"


def test_a_call_that_clang_takes_for_a_declaration_is_reported(tmp_path: Path) -> None:
    """A fragment to be included: `smp_rmb();` alone is an old declaration to a compiler."""
    (tmp_path / "fragment.h").write_text("smp_rmb();\n")
    listed = klplint("coverage", "-f", "json", "--kernel", MINIKERNEL, tmp_path)
    (occurrence,) = json.loads(listed.stdout)["occurrences"]
    assert (occurrence["class"], occurrence["how"]) == ("call", "tokens")
    assert occurrence["reason"] == "libclang parses it as a declaration"
    assert klplint("--strict", "--kernel", MINIKERNEL, tmp_path).returncode == 2


def test_only_the_names_of_selected_rules_are_listed() -> None:
    done = klplint("coverage", "-f", "json", "--select", "KLP003", MINIKERNEL)
    assert {o["name"] for o in json.loads(done.stdout)["occurrences"]} == {"smp_rmb"}


def test_a_directory_that_is_named_is_covered_even_where_it_is_excluded() -> None:
    done = klplint("coverage", "-f", "json", MINIKERNEL / "tools")
    occurrences = json.loads(done.stdout)["occurrences"]
    assert {o["file"] for o in occurrences} == {"tools/testing/livepatch_state.c"}


def test_any_number_of_jobs_gives_the_same() -> None:
    outputs = {klplint("coverage", "-f", "json", "-j", n, MINIKERNEL).stdout for n in (1, 3)}
    assert len(outputs) == 1

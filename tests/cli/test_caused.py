"""Findings that a change causes on lines that it does not touch: with the hunk, until it is mended.

Each change is linted as a patch and as a git diff, and then again with the hunk that mends it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.command import klplint
from tests.support.pair_samples import (
    BARRIER,
    COMMENT,
    READER,
    STORE,
    TREE,
    WRITER,
    Edit,
    as_patch,
    changed,
)
from tests.support.scratch_git import Repository


class Case(NamedTuple):
    """A change, what it causes on line 13 of the reader, and what mends it."""

    change: Edit
    code: str
    causes: tuple[str, ...]
    """The lines that may be blamed: a diff may move either of two lines."""
    mend: Edit


CASES = {
    "a renamed writer": Case(
        Edit(WRITER, "void publish(", "void announce("),
        "KLP004",
        ("-void publish(struct box *box)",),
        Edit(READER, "with publish()", "with announce()"),
    ),
    "a deleted write barrier": Case(
        Edit(WRITER, BARRIER, ""),
        "KLP004",
        (f"-{BARRIER}".rstrip(),),
        Edit(READER, f"{COMMENT}\tsmp_rmb();\n", ""),
    ),
    "a moved write barrier": Case(
        Edit(WRITER, STORE + BARRIER, BARRIER + STORE),
        "KLP007",
        (f"+{STORE}".rstrip(), f"+{BARRIER}".rstrip()),
        Edit(WRITER, "\tWRITE_ONCE(", "\tsmp_wmb(); /* pairs with consume() */\n\tWRITE_ONCE("),
    ),
    "a changed comment": Case(
        Edit(READER, "with publish()", "with announce()"),
        "KLP004",
        ("+\t/* pairs with announce() */",),
        Edit(WRITER, "void publish(", "void announce("),
    ),
}


@pytest.fixture
def tree(minikernel: Path) -> Path:
    for file, text in TREE.items():
        (minikernel / file).write_text(text)
    return minikernel


def linted(tree: Path, texts: dict[str, str], how: str) -> list[dict[str, object]]:
    """The findings in lib/ after a change, given as a patch or made in a repository."""
    options = ["--diff-from", "HEAD"]
    if how == "patch":
        (tree.parent / "x.patch").write_text(as_patch(texts))
        options = ["--patch", str(tree.parent / "x.patch")]
    else:
        Repository.of(tree)
        for file, text in texts.items():
            (tree / file).write_text(text)
    done = klplint("-q", "-f", "json", *options, tree / "lib", directory=tree)
    assert done.stderr == ""
    findings: list[dict[str, object]] = json.loads(done.stdout)["findings"]
    assert done.returncode == bool(findings)
    return findings


@pytest.mark.parametrize("how", ["patch", "diff"])
@pytest.mark.parametrize("name", CASES)
def test_a_change_is_blamed_for_what_it_causes(tree: Path, name: str, how: str) -> None:
    case = CASES[name]
    (finding,) = linted(tree, changed(case.change), how)
    assert (finding["code"], finding["file"], finding["line"]) == (case.code, READER, 13)
    assert finding["caused"] is True
    hunk = finding["hunk"]
    assert isinstance(hunk, dict)
    assert hunk["file"] == case.change.file
    assert hunk["lines"][hunk["index"]] in case.causes


@pytest.mark.parametrize("how", ["patch", "diff"])
@pytest.mark.parametrize("name", CASES)
def test_a_change_that_mends_what_it_causes_is_silent(tree: Path, name: str, how: str) -> None:
    case = CASES[name]
    assert linted(tree, changed(case.change, case.mend), how) == []


def test_a_cause_in_a_diff_is_a_place_in_the_changed_file(tree: Path) -> None:
    (finding,) = linted(tree, changed(CASES["a deleted write barrier"].change), "diff")
    related = finding["related"]
    assert isinstance(related, list)
    place = related[-1]
    assert (place["file"], place["line"]) == (WRITER, 16)
    assert place["message"] == "this change may be the cause"
    shown = klplint("-q", "--diff-from", "HEAD", tree / "lib", directory=tree).stdout
    assert "16 | -       smp_wmb(); /* pairs with consume() */\n" in shown
    assert shown.count("this change may be the cause") == 1
    log = json.loads(klplint("-f", "sarif", "--diff-from", "HEAD", "lib", directory=tree).stdout)
    (result,) = log["runs"][0]["results"]
    assert result["properties"] == {"caused": True}
    assert "\n-\tsmp_wmb();" in result["relatedLocations"][-1]["properties"]["hunk"]


def test_a_finding_on_a_line_that_was_added_is_not_caused(tree: Path) -> None:
    edit = Edit(READER, COMMENT + "\tsmp_rmb();\n", "\tsmp_rmb(); /* pairs with nowhere() */\n")
    (finding,) = linted(tree, changed(edit), "patch")
    assert finding["caused"] is False
    hunk = finding["hunk"]
    assert isinstance(hunk, dict)
    assert hunk["lines"][hunk["index"]] == "+\tsmp_rmb(); /* pairs with nowhere() */"

"""`klplint pairs` with a change: only what it touches, before and after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from klplint.report.json_schema import schema
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


@pytest.fixture
def tree(minikernel: Path) -> Path:
    for file, text in TREE.items():
        (minikernel / file).write_text(text)
    return minikernel


def touched(tree: Path, *edits: Edit) -> list[Any]:
    """The pairs that a patch with some edits touches, in JSON that fits its schema."""
    (tree.parent / "x.patch").write_text(as_patch(changed(*edits)))
    done = klplint("pairs", "-q", "-f", "json", "--patch", tree.parent / "x.patch", tree)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("changed-pairs"))
    assert document["examined"] > len(document["changed"])
    pairs: list[Any] = document["changed"]
    return pairs


def test_a_deleted_write_barrier_of_another_file(tree: Path) -> None:
    (pair,) = touched(tree, Edit(WRITER, BARRIER, ""))
    assert pair["touched"] == ["other-side", "other-function", "facts"]
    before, after = pair["before"], pair["after"]
    assert (before["file"], before["line"]) == (after["file"], after["line"]) == (READER, 13)
    assert [each["status"] for each in before["counterparts"]] == ["ok"]
    assert [each["status"] for each in after["counterparts"]] == ["no-write-barrier"]
    assert before["order"]["status"] == "ordered"


def test_a_moved_store_changes_the_order(tree: Path) -> None:
    (pair,) = touched(tree, Edit(WRITER, STORE + BARRIER, BARRIER + STORE))
    assert "facts" in pair["touched"]
    orders = [pair[state]["order"]["status"] for state in ("before", "after")]
    assert orders == ["ordered", "misordered"]


def test_a_changed_comment(tree: Path) -> None:
    (pair,) = touched(tree, Edit(READER, "with publish()", "with nowhere()"))
    assert pair["touched"] == ["comment", "function", "facts"]
    assert pair["after"]["counterparts"][0]["status"] == "missing"


def test_a_change_around_a_barrier_that_changes_nothing(tree: Path) -> None:
    (pair,) = touched(tree, Edit(READER, "\t\treturn 0;\n", "\t\treturn 0;\n\n"))
    assert pair["touched"] == ["function"]
    lines = [pair[state].pop("line") for state in ("before", "after")]
    assert lines == [13, 14]
    assert pair["before"]["pairing"] == pair["after"]["pairing"] == "explicit"


def test_a_barrier_that_comes_or_goes(tree: Path) -> None:
    (pair,) = touched(tree, Edit(READER, f"{COMMENT}\tsmp_rmb();\n", ""))
    assert pair["after"] is None
    assert "barrier" in pair["touched"]
    new = "\treturn box->data;\n\tsmp_rmb();\n"
    pairs = touched(tree, Edit(READER, "\treturn box->data;\n", new))
    assert [(p["before"] is None, "barrier" in p["touched"]) for p in pairs] == [
        (False, False),
        (True, True),
    ]


def test_a_change_elsewhere_touches_no_pair(tree: Path) -> None:
    assert touched(tree, Edit(WRITER, "\treturn 0;\n", "\treturn 1;\n")) == []


def test_a_renamed_file_is_not_another_one(tree: Path) -> None:
    repository = Repository.of(tree)
    repository.git("mv", READER, "lib/moved.c")
    done = klplint("pairs", "-q", "--diff-from", "HEAD", tree, directory=tree)
    assert done.stdout.startswith("No pairs touched, of ")


def test_text_shows_both_states(tree: Path) -> None:
    (tree.parent / "x.patch").write_text(as_patch(changed(Edit(WRITER, BARRIER, ""))))
    done = klplint("pairs", "-q", "--patch", tree.parent / "x.patch", tree)
    assert done.stdout == (
        f"{READER}:13  smp_rmb() in consume()\n"
        "  touched: other-side, other-function, facts\n"
        "  before:\n"
        f"    publish(): smp_wmb() at {WRITER}:16\n"
        f"    by the code: publish(): smp_wmb() at {WRITER}:16\n"
        "    ordered with publish(): `box.ready`, then `box.data`\n"
        "  after:\n"
        f"    publish(): NO WRITE BARRIER at {WRITER}:13\n"
        "\n"
        "1 pair touched, of 22 barriers.\n"
    )


def test_wrong_usage(tree: Path) -> None:
    done = klplint("pairs", "--explain", "lib/reader.c:13", "--patch", "x.patch", tree)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--explain is about one barrier" in done.stderr
    done = klplint("pairs", "--diff-from", "HEAD", "--patch", "x.patch", tree)
    assert done.returncode == 2
    assert "cannot be combined" in done.stderr


def test_all_pairs_fit_their_schema(tree: Path) -> None:
    document = json.loads(klplint("pairs", "-q", "-f", "json", tree).stdout)
    jsonschema.validate(document, schema("pairs"))
    assert document["version"] == 1

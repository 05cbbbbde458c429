"""`klplint compare`: what only one of two reports has, and what is taken for the same."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klplint.compare.reports import VERSION, Report, compared
from klplint.findings.differences import Item
from klplint.report import json as report_json
from klplint.report import pairs_json
from klplint.report.json_schema import schema
from tests.support.command import complaint, klplint
from tests.support.pair_samples import READER, TREE, WRITER
from tests.support.paths import MINIKERNEL

BASE = {
    "code": "KLP003",
    "level": "warning",
    "message": "no comment",
    "file": "lib/a.c",
    "line": 7,
    "function": "f",
    "excerpt": "\tsmp_rmb();",
}


def report(path: Path, *changes: dict[str, object]) -> Path:
    """A report with a finding for each of some changes to one."""
    findings = [BASE | change for change in changes]
    path.write_text(json.dumps({"version": 1, "findings": findings}))
    return path


def differences(tmp_path: Path, old: list[dict[str, object]], new: list[dict[str, object]]) -> Any:
    files = report(tmp_path / "old.json", *old), report(tmp_path / "new.json", *new)
    done = klplint("compare", "-f", "json", *files)
    document = json.loads(done.stdout)
    jsonschema.validate(document, schema("comparison"))
    other_function = any(m["old"]["function"] != m["new"]["function"] for m in document["moved"])
    assert done.returncode == (bool(document["only_new"]) or other_function)
    return document


@pytest.mark.parametrize(
    "change",
    [
        {"line": 9},
        {"excerpt": "smp_rmb();  "},
        {"excerpt": "if (x) smp_rmb();"},
        {"message": "another"},
        {"file": "lib/new/a.c"},
        {"file": "mm/b.c"},
    ],
    ids=str,
)
def test_what_is_taken_for_the_same(tmp_path: Path, change: dict[str, object]) -> None:
    document = differences(tmp_path, [{}], [change])
    assert document["in_both"] == 1
    assert document["only_old"] == document["only_new"] == document["changed"] == []
    assert len(document["moved"]) == ("file" in change)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "KLP004"},
        {"file": "mm/b.c", "excerpt": "x = 1; smp_rmb();"},
        {"file": "mm/b.c", "function": "g"},
        {"function": "g", "excerpt": "x = 1; smp_rmb();"},
        {"file": "mm/b.c", "function": None},
    ],
    ids=str,
)
def test_what_is_not_taken_for_the_same(tmp_path: Path, change: dict[str, object]) -> None:
    document = differences(tmp_path, [{}], [change])
    assert (len(document["only_old"]), len(document["only_new"])) == (1, 1)
    assert document["in_both"] == 0


def test_a_function_with_another_name_is_listed_and_counts_as_new(tmp_path: Path) -> None:
    document = differences(tmp_path, [{}], [{"function": "g"}])
    assert [m["new"]["function"] for m in document["moved"]] == ["g"]
    assert klplint("compare", tmp_path / "old.json", tmp_path / "new.json").returncode == 1
    # It is not clear which of two functions has the new name.
    document = differences(tmp_path, [{}, {"function": "h"}], [{"function": "g"}])
    assert (len(document["only_old"]), len(document["only_new"])) == (2, 1)


def test_a_finding_of_another_level_is_changed(tmp_path: Path) -> None:
    document = differences(tmp_path, [{}], [{"level": "note"}])
    (match,) = document["changed"]
    assert (match["old"]["state"], match["new"]["state"]) == ("warning", "note")


def test_findings_that_are_alike_are_matched_one_for_one(tmp_path: Path) -> None:
    document = differences(tmp_path, [{}, {"line": 8}], [{"line": 8}])
    assert (document["in_both"], len(document["only_old"])) == (1, 1)


def test_suppressed_findings_do_not_count(tmp_path: Path) -> None:
    document = differences(tmp_path, [{"suppressed": True}], [{}])
    assert len(document["only_new"]) == 1


def test_reports_of_earlier_versions_without_the_line_of_source(tmp_path: Path) -> None:
    old = {key: value for key, value in BASE.items() if key != "excerpt"}
    (tmp_path / "old.json").write_text(json.dumps({"findings": [old]}))
    new = report(tmp_path / "new.json", {})
    assert klplint("compare", tmp_path / "old.json", new).stdout.startswith("In both: 1 finding.")


def test_text(tmp_path: Path) -> None:
    old = report(tmp_path / "old.json", {}, {"file": "x.c", "level": "error"}, {"line": 8})
    new = report(tmp_path / "new.json", {"file": "b/a.c"}, {"function": "g"}, {"file": "x.c"})
    done = klplint("compare", old.name, new.name, directory=tmp_path)
    assert done.stdout == (
        "Changed: 1 finding\n"
        "  x.c:7  KLP003 in f()\n"
        "    before: error\n"
        "    now: warning\n"
        "\n"
        "Moved, or renamed with the function: 2 findings\n"
        "  lib/a.c:7 in f()\n"
        "    now b/a.c:7 in f()\n"
        "  lib/a.c:8 in f()\n"
        "    now lib/a.c:7 in g()\n"
        "\n"
        "In both: 3 findings (1 changed, 2 moved).\n"
        "Only in old.json: 0.\n"
        "Only in new.json: 0.\n"
    )


def test_real_reports_of_findings_and_of_pairs(minikernel: Path, tmp_path: Path) -> None:
    for command in ("check", "pairs"):
        klplint(command, "-q", "-f", "json", "-o", tmp_path / f"{command}.json", MINIKERNEL)
    for file, text in TREE.items():
        (minikernel / file).write_text(text)
    (minikernel / WRITER).write_text(TREE[WRITER].replace("smp_wmb", "smp_mb"))
    (minikernel / "lib/sub").mkdir()
    (minikernel / "lib/once_table.c").rename(minikernel / "lib/sub/once.c")
    for command in ("check", "pairs"):
        report_file = tmp_path / f"new-{command}.json"
        klplint(command, "-q", "-f", "json", "-o", report_file, minikernel)
        done = klplint("compare", "-f", "json", tmp_path / f"{command}.json", report_file)
        document = json.loads(done.stdout)
        assert {m["new"]["file"] for m in document["moved"]} == {"lib/sub/once.c"}
        assert document["only_old"] == []
        assert {item["file"] for item in document["only_new"]} <= {READER, WRITER}
    assert (document["kind"], done.returncode) == ("pair", 1)


def test_wrong_usage(tmp_path: Path) -> None:
    findings = report(tmp_path / "a.json", {})
    pairs = tmp_path / "pairs.json"
    pairs.write_text('{"barriers": []}')
    assert "one file has findings and the other has pairs" in complaint("compare", findings, pairs)
    deep = '{"other": ' + "[" * 100_000 + "]" * 100_000 + "}"
    versions = ('{"version": 2, "findings": []}', '{"version": "1", "barriers": []}')
    for text in ("", "[]", "{}", '{"findings": 1}', "\xff", deep, *versions):
        (tmp_path / "bad.json").write_bytes(text.encode("latin-1"))
        printed = complaint("compare", findings, tmp_path / "bad.json")
        assert printed.startswith(f"klplint: {tmp_path}/bad.json: ")
    assert "no.json: cannot be read: No such file" in complaint("compare", findings, "no.json")
    assert "is read by this run" in complaint("compare", findings, findings, "-o", findings)


def test_standard_input_is_one_of_the_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = report(tmp_path / "old.json", {}, {"file": "x.c"}).read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(old)))
    done = klplint("compare", "-", report(tmp_path / "new.json", {}))
    assert (done.returncode, "Only in -: 1 finding" in done.stdout) == (0, True)
    assert "give a file for the other one" in complaint("compare", "-", "-")


def test_the_version_is_that_of_the_reports_that_klplint_writes() -> None:
    assert VERSION == report_json.VERSION == pairs_json.VERSION


def test_the_order_of_a_report_does_not_matter(tmp_path: Path) -> None:
    alike: list[dict[str, object]] = [{"level": "note"}, {"line": 8}]
    document = differences(tmp_path, alike, [*reversed(alike)])
    assert (document["in_both"], document["changed"]) == (2, [])


_ITEMS = st.lists(
    st.builds(
        Item,
        name=st.sampled_from(["KLP003", "KLP004"]),
        file=st.sampled_from(["a.c", "b/a.c", "c.c"]),
        line=st.integers(1, 5),
        function=st.sampled_from(["", "f", "g"]),
        state=st.sampled_from(["note", "error"]),
        text=st.just("text"),
        excerpt=st.sampled_from(["", "x;", "y;"]),
    ),
    max_size=12,
).map(tuple)


@given(_ITEMS, _ITEMS)
def test_every_item_is_in_one_place(old: tuple[Item, ...], new: tuple[Item, ...]) -> None:
    result = compared(Report("finding", old), Report("finding", new))
    assert sorted([*result.only_old, *(m.old for m in result.both)], key=repr) == sorted(
        old, key=repr
    )
    assert sorted([*result.only_new, *(m.new for m in result.both)], key=repr) == sorted(
        new, key=repr
    )
    assert all(match.old.name == match.new.name for match in result.both)
    same = compared(Report("finding", old), Report("finding", old))
    assert (same.only_old, same.only_new, same.changed, same.moved) == ((), (), (), ())

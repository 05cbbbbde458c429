"""What fixes change in files, whatever bytes these have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klplint.facts.region import Region
from klplint.findings.finding import Finding, Place
from klplint.findings.fix import (
    Change,
    Fix,
    NamedPartner,
    PartnerComment,
    Replacement,
    SuppressionRemoval,
)
from klplint.fixes.planning import FixPlan, plan_fixes
from klplint.fixes.resolve import with_edits

BARRIER = b"\tsmp_rmb();"


def finding(line: int, *changes: Change) -> Finding:
    place = Place("a.c", Region(line, 1, line, 2))
    return Finding("KLP003", "warning", "message", place, fix=Fix("title", changes))


def comment(line: int, function: str = "put", column: int = 2) -> PartnerComment:
    region = Region(line, column, line, column + len("smp_rmb"))
    return PartnerComment("a.c", region, (NamedPartner("smp_wmb", function),))


def planned(root: Path, content: bytes, *findings: Finding) -> FixPlan:
    (root / "a.c").write_bytes(content)
    return plan_fixes(with_edits(findings, root), {"a.c"}, root)


def after(root: Path, content: bytes, *findings: Finding) -> bytes:
    plan = planned(root, content, *findings)
    assert plan.left == ()
    return plan.files[0].after if plan.files else content


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("rest", [b"", b"}\xff\xfe /* \xf6 */", b"/* \xc3\xb6 */}\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_all_other_bytes_stay(tmp_path: Path, end: bytes, rest: bytes, mark: bytes) -> None:
    start = mark + b"void f(void)" + end + b"{" + end
    fixed = after(tmp_path, start + BARRIER + end + rest, finding(3, comment(3)))
    assert fixed == start + b"\t/* Pairs with smp_wmb() in put(). */" + end + BARRIER + end + rest


@given(st.binary(max_size=60), st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_around_an_edit_stay(tmp_path: Path, before: bytes, behind: bytes) -> None:
    content = before + b"\n;\n" + BARRIER + b"\n" + behind
    line = content[: len(before) + 3].decode("latin-1")
    number = len(line.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    plan = planned(tmp_path, content, finding(number, comment(number)))
    for file in plan.files:
        start = file.after.index(b"/* Pairs with smp_wmb() in put(). */")
        assert file.after[:start].strip() == content[: max(start - 1, 0)].strip()
        assert file.after.endswith(BARRIER + b"\n" + behind)


def test_two_findings_at_one_barrier_make_one_comment(tmp_path: Path) -> None:
    content = b"void f(void)\n{\n" + BARRIER + b"\n}\n"
    fixed = after(tmp_path, content, finding(3, comment(3)), finding(3, comment(3, "add")))
    assert b"\t/* Pairs with smp_wmb() in put() and add(). */\n" in fixed
    assert fixed.count(b"Pairs") == 1


def test_a_replacement_needs_the_text_that_it_replaces(tmp_path: Path) -> None:
    change = Replacement("a.c", Region(1, 3, 1, 7), "task", "current")
    fixed = after(tmp_path, b"f(task);\n", finding(1, change))
    assert fixed == b"f(current);\n"
    other = finding(1, with_other_text(change, was="other"))
    assert planned(tmp_path, b"f(task);\n", other).files == ()


def with_other_text(change: Replacement, *, was: str) -> Replacement:
    return Replacement(change.file, change.region, was, change.text)


def test_a_file_that_changed_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"f(task);\n")
    change = Replacement("a.c", Region(1, 3, 1, 7), "task", "current")
    findings = with_edits([finding(1, change)], tmp_path)
    (tmp_path / "a.c").write_bytes(b"f(other);\n")
    plan = plan_fixes(findings, {"a.c"}, tmp_path)
    assert plan.files == ()
    assert [left.reason for left in plan.left] == [
        "the file changed while klplint ran; run it again"
    ]


def test_files_that_are_not_linted_are_left(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"f(task);\n")
    change = Replacement("a.c", Region(1, 3, 1, 7), "task", "current")
    findings = with_edits([finding(1, change)], tmp_path)
    assert plan_fixes(findings, frozenset({"b.c"}), tmp_path).files == ()


@pytest.mark.parametrize(
    ("before", "codes", "fixed"),
    [
        ("/* klplint: ignore[A] why */\nx;\n", "A", "x;\n"),
        ("\t/* klplint: ignore[A] why */\n\tx;\n", "A", "\tx;\n"),
        ("x; /* klplint: ignore[A] why */\n", "A", "x;\n"),
        ("/* klplint: ignore[A] why */ x;\n", "A", "x;\n"),
        ("x; // klplint: ignore[A] why\ny;\n", "A", "x;\ny;\n"),
        ("/* klplint: ignore[A, B] why */\nx;\n", "A", "/* klplint: ignore[B] why */\nx;\n"),
        ("/*\n * klplint: ignore[A]\n * why\n */\nx;\n", "A", "x;\n"),
    ],
)
def test_suppressions_are_removed(tmp_path: Path, before: str, codes: str, fixed: str) -> None:
    start = before.index("/")
    end = before.index("*/") + 2 if "*/" in before else before.index("\n", start)
    lines = before[:end].split("\n")
    region = Region(1, start + 1, len(lines), len(lines[-1]) + 1)
    change = SuppressionRemoval("a.c", region, tuple(codes))
    assert after(tmp_path, before.encode(), finding(1, change)).decode() == fixed


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (b"int/*X*/b;\n", b"int b;\n"),
        (b"int/*X*/ b;\n", b"int b;\n"),
        (b"int /*X*/b;\n", b"int b;\n"),
        (b"int /*X*/ b;\n", b"int b;\n"),
        (b"a = b +/*X*/+c;\n", b"a = b + +c;\n"),
        (b"f();/*X*/\n", b"f();\n"),
    ],
)
def test_code_around_a_removed_suppression_stays_apart(
    tmp_path: Path, before: bytes, left: bytes
) -> None:
    start = before.index(b"/*") + 1
    content = before.replace(b"X", b" klplint: ignore[KLP001] old ")
    end = content.index(b"*/") + 3
    removal = SuppressionRemoval("a.c", Region(1, start, 1, end), ("KLP001",))
    assert after(tmp_path, content, finding(1, removal)) == left

"""The line of a change behind each finding, and the part of its hunk."""

from __future__ import annotations

from klplint.compare.causes import edited_functions, explained
from klplint.compare.changed_lines import Changes
from klplint.compare.patches.diff import split_text
from klplint.compare.patches.series import Change, apply_series
from klplint.facts.region import Region
from klplint.findings.finding import Finding, HunkPart, Place
from tests.support.patch_samples import CHANGES, NEW, OLD, changes_of, diff_of, finding, unified


def why(changes: Changes, line: int, message: str = "", related: tuple[Place, ...] = ()) -> str:
    (behind,) = explained([finding(line, message=message, related=related)], changes)
    place = behind.related[-1]
    assert place.file == "x.patch"
    assert place.region.line == place.region.end_line
    return f"{place.excerpt}: {place.label}"


def test_the_line_of_the_patch_behind_a_finding() -> None:
    assert why(CHANGES, 6) == "+added 6: the patch adds this line"
    lock = (Place("x.c", Region(5, 1, 5, 5)),)
    assert why(CHANGES, 12, related=lock) == "+added 5: the patch adds this line"
    assert why(CHANGES, 17) == "-line 15: this line of the patch may be the cause"
    assert why(CHANGES, 20) == "-line 15: this line of the patch may be the cause"


def test_behind_a_finding_elsewhere_is_what_it_names() -> None:
    renaming = unified(
        ["void writer(void)\n", "\twriter();\n"], ["void wrote(void)\n", "\twrote();\n"], "w.c"
    )
    changes = changes_of(OLD, NEW, renaming)
    why_writer = "-void writer(void): this line of the patch may be the cause"
    assert why(changes, 12, "the comment in reader() names writer(), which is gone") == why_writer
    assert why(changes, 12, "in reader()").startswith("-line 15")


def test_behind_a_finding_in_a_copy_is_the_line_that_says_so() -> None:
    copy = "diff --git a/w.c b/c.c\nsimilarity index 100%\ncopy from w.c\ncopy to c.c\n"
    changes = changes_of(OLD, OLD, copy)
    place = explained([finding(2, file="c.c")], changes)[0].related[-1]
    assert (place.region.line, place.excerpt) == (1, "+\twriter();")
    assert not changes.is_on(finding(2, file="w.c"))


def test_without_a_patch_nothing_is_added_to_a_finding() -> None:
    assert explained([finding(3)], Changes([Change(None, "x.c")])) == (finding(3),)


WRITER = """\
void other(void)
{
	smp_wmb();
	first();
}

void writer(void)
{
	second();
	smp_wmb();
	third();
}

void caller(void)
{
	writer();
}
"""


def changed(
    *edits: tuple[str, str], patch: str = "x.patch", headers: tuple[str, ...] = (), context: int = 1
) -> Changes:
    """The change of a file w.c in which some texts become others, with the hunks' headers."""
    text = WRITER
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    diff = unified(split_text(WRITER), split_text(text), "w.c", context)
    for header in headers:
        diff = diff.replace(" @@\n", f" @@ {header}\n", 1)
    series = apply_series([diff_of(diff)], {"w.c": WRITER}.get, "x.patch")
    return Changes(series.changes, series.hunks, patch)


def part(changes: Changes, message: str, watched: frozenset[str] = frozenset()) -> HunkPart | None:
    """The part of a hunk behind a finding in another file."""
    (result,) = explained([finding(3, file="r.c", message=message)], changes, watched)
    assert result.hunk is None or result.caused
    return result.hunk


def cause(changes: Changes, message: str, watched: frozenset[str] = frozenset()) -> str:
    behind = part(changes, message, watched)
    assert behind is not None
    return behind.lines[behind.at]


def test_the_function_that_is_changed_outranks_one_that_calls_it() -> None:
    edits = (("second();\n\tsmp_wmb();", "second();"), ("\twriter();\n", "\twriter(1);\n"))
    headers = ("void writer(void)", "void caller(void)")
    message = "neither writer() nor anything it calls has a barrier"
    assert cause(changed(*edits, headers=headers), message) == "-\tsmp_wmb();"
    # Without the headers of hunks, the only line that names the function has to do.
    assert cause(changed(*edits), message) == "-\twriter();"


def test_of_the_lines_of_a_function_one_with_a_watched_name_is_likelier() -> None:
    changes = changed(
        ("second();\n\tsmp_wmb();\n\tthird();", "last();"), headers=("void writer(void)",)
    )
    message = "writer() has no barrier"
    assert cause(changes, message) == "-\tsecond();"
    assert cause(changes, message, frozenset({"smp_wmb"})) == "-\tsmp_wmb();"


def test_a_line_behind_the_end_of_a_function_is_not_in_it() -> None:
    edit = ("}\n\nvoid writer", "}\n\nint new;\nvoid writer")
    changes = changed(edit, headers=("void other(void)",), context=3)
    assert edited_functions(changes) == set()


def test_without_headers_the_function_is_looked_up_in_the_text() -> None:
    changes = changed(("\tthird();\n", "\tthird();\n\tfourth();\n"))
    assert edited_functions(changes) == {("w.c", "writer")}


def test_a_deleted_file_has_causes_too() -> None:
    lines = split_text(WRITER)
    diff = unified(lines, [], "w.c").replace("+++ b/w.c", "+++ /dev/null")
    series = apply_series([diff_of(diff)], {"w.c": WRITER}.get, "x.patch")
    for patch in ("x.patch", ""):
        behind = part(Changes(series.changes, series.hunks, patch), "writer() is nowhere")
        assert behind is not None
        assert (behind.file, behind.lines[behind.at]) == ("w.c", "-void writer(void)")
        assert len(behind.lines) <= 16


def test_a_cause_that_is_not_clear_is_not_given_without_a_patch_to_reply_to() -> None:
    edit = ("\tfirst();\n", "\tfourth();\n")
    assert part(changed(edit, patch=""), "an unrelated message") is None
    assert cause(changed(edit), "an unrelated message") == "-\tfirst();"


def test_a_cause_in_a_diff_is_a_place_in_the_file_as_it_is_now() -> None:
    changes = changed(
        ("\tsmp_wmb();\n\tthird();\n", "\tthird();\n"), patch="", headers=("void writer(void)",)
    )
    (result,) = explained([finding(3, file="r.c", message="writer() has none")], changes)
    assert result.related[-1] == Place(
        "w.c", Region(10, 1, 10, 10), "this change may be the cause", "\tthird();"
    )
    assert result.hunk is not None
    assert result.hunk.place == result.related[-1]
    assert (result.hunk.line, result.hunk.line_at) == (9, 10)


def test_a_finding_on_an_added_line_is_not_caused() -> None:
    changes = changed(("\tfirst();\n", "\tfirst();\n\tsmp_rmb();\n"), patch="")
    (result,) = explained([finding(5, file="w.c")], changes)
    assert not result.caused
    assert result.related == ()
    assert result.hunk is not None
    assert result.hunk.lines[result.hunk.at] == "+\tsmp_rmb();"


def test_long_hunks_are_cut_around_the_line() -> None:
    new = [f"new {n}\n" for n in range(100)]
    changes = changes_of(OLD, [*OLD, *new])
    (result,) = explained([finding(60)], changes)
    assert result.hunk is not None
    assert len(result.hunk.lines) == 16
    assert result.hunk.lines[result.hunk.at] == "+new 39"
    assert result.hunk.line_at == 60


def test_many_findings_are_explained_one_by_one() -> None:
    changes = changed(("\tfirst();\n", ""), ("\tthird();\n", ""), headers=("void writer(void)",))
    messages = ("other() has none", "writer() has none")
    findings: list[Finding] = [finding(3, file="r.c", message=m) for m in messages]
    results = explained(findings, changes)
    assert [r.message for r in results] == list(messages)
    assert all(r.caused for r in results)

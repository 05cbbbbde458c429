"""Baselines: their text, what makes a finding known again, and damage."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from klplint.compare.baseline import (
    BaselineMatch,
    baseline_text,
    entry_of,
    match_findings,
    read_baseline,
    statistics_lines,
)
from klplint.errors import KlplintError
from klplint.findings.finding import Finding
from tests.support.patch_samples import finding

FILES = st.sampled_from(["lib/a.c", "lib/b.c", "mm/a.c", "mm/my file%#.c", "\udcff\n.c"])
FINDINGS = st.lists(
    st.builds(
        finding,
        line=st.integers(1, 99),
        file=FILES,
        code=st.sampled_from(["KLP001", "KLP003"]),
        function=st.sampled_from([None, "f", "g"]),
        excerpt=st.sampled_from(["smp_rmb();", "\tsmp_rmb();", "x = 漢;"]),
    ),
    max_size=12,
    unique_by=lambda f: f.order,
)


def compared(
    expected_ones: list[Finding],
    got: list[Finding],
    *,
    gone_files: tuple[str, ...] = (),
    linted: tuple[str, ...] = ("x.c",),
) -> BaselineMatch:
    baseline = Counter(map(entry_of, expected_ones))
    return match_findings(
        baseline, got, lambda file: file not in gone_files, lambda entry: entry.file in linted
    )


def written(path: Path, findings: list[Finding]) -> Path:
    path.write_text(baseline_text(findings))
    return path


@given(findings=FINDINGS)
def test_a_baseline_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, findings: list[Finding]
) -> None:
    path = written(tmp_path_factory.mktemp("b") / "b.txt", findings)
    assert read_baseline(path) == Counter(map(entry_of, findings))


@given(FINDINGS, FINDINGS)
def test_known_new_and_gone_add_up(before: list[Finding], now: list[Finding]) -> None:
    every = tuple({f.place.file for f in [*before, *now]})
    result = compared(before, now, linted=every)
    assert sorted([*result.old, *result.new], key=lambda f: f.order) == sorted(
        now, key=lambda f: f.order
    )
    assert len(before) == len(result.old) + sum(number for _, number in result.gone)
    assert compared(now, now, linted=every) == BaselineMatch((), tuple(now), ())


def test_its_text(snapshot: SnapshotAssertion) -> None:
    findings = [
        finding(9),
        finding(4),
        finding(4, file="arch/my file.c", function=None),
        finding(7, code="KLP001", excerpt="f(task);"),
    ]
    assert baseline_text(findings) == snapshot
    assert baseline_text(reversed(findings)) == baseline_text(findings)
    assert baseline_text([]).endswith("\n# end\n")


def test_edits_elsewhere_and_white_space_do_not_matter() -> None:
    assert compared([finding(4)], [finding(54, excerpt="        smp_rmb();")]).new == ()
    assert compared([finding(4)], [finding(4, excerpt="smp_rmb(); /* why */")]).new != ()
    assert compared([finding(4)], [finding(4, function="g")]).new != ()
    assert compared([finding(4)], [finding(4, code="KLP004")]).new != ()


def test_of_two_alike_and_one_known_one_is_new() -> None:
    assert compared([finding(4)], [finding(4), finding(9)]).new == (finding(9),)
    assert compared([finding(4)], [finding(9), finding(4)]).new == (finding(4),)


def test_a_file_that_moved_takes_its_findings_along() -> None:
    old = [finding(4, file="lib/x.c"), finding(4, file="mm/y.c")]
    new = [finding(7, file="kernel/z.c"), finding(7, file="drivers/x.c")]
    assert compared(old, new, gone_files=("lib/x.c", "mm/y.c")) == BaselineMatch(
        (), (*new[::-1],), ()
    )
    assert compared(old, new, gone_files=("lib/x.c",)).new == (new[0],)
    assert compared(old, new).new == (new[1], new[0])


def test_gone_are_only_those_that_were_looked_at() -> None:
    expected_ones = [finding(4), finding(5), finding(4, file="other.c")]
    result = compared(expected_ones, [finding(5)])
    assert result.gone == ((entry_of(finding(4)), 1),)
    assert list(statistics_lines(compared(expected_ones, []))) == [
        "baseline: 0 known, 0 new, 2 gone",
        "gone: KLP003 x.c in reader(), 2 times",
    ]


def test_lines_may_stand_in_any_order_and_be_there_twice(tmp_path: Path) -> None:
    path = written(tmp_path / "b.txt", [finding(4), finding(5), finding(6, code="KLP001")])
    first, second, *entries, end = path.read_text().splitlines()
    once = entries[1].removesuffix(" 2") + " 1"
    path.write_text("\r\n".join([first, second, "# ours", *entries[::-1], once, end, "", ""]))
    assert sorted(read_baseline(path).values()) == [1, 2]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "baseline 1:",
            "baseline 2:",
            "1: the baseline has version 2, but this klplint reads version",
        ),
        ("# klplint", "// klplint", "1: not a baseline"),
        ("# end\n", "", "4: the baseline is truncated"),
        (" 1\n# end\n", "", "3: the baseline is truncated"),
        ("KLP003 x.c", "KLP003 x.c y", "3: the baseline is corrupt"),
        ("KLP003", "<<<<<<< ours\nKLP003", "3: the baseline has a merge conflict"),
        ("KLP003", "\0\udcff", "3: the baseline is corrupt"),
    ],
)
def test_damage_is_reported_with_file_and_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = written(
        tmp_path / "b.txt", [finding(4), finding(4, code="KLP004")][: 1 + ("4: " in complaint)]
    )
    path.write_text(path.read_text().replace(old, new), errors="surrogateescape")
    with pytest.raises(KlplintError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"{path}:{complaint}")


def test_a_baseline_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(KlplintError, match="cannot read the baseline: No such file"):
        read_baseline(tmp_path / "none.txt")
    (tmp_path / "empty.txt").touch()
    with pytest.raises(KlplintError, match="not a baseline"):
        read_baseline(tmp_path / "empty.txt")


def test_a_function_called_dash_is_not_a_missing_one(tmp_path: Path) -> None:
    odd = finding(1, function="-")
    file = tmp_path / "baseline"
    file.write_text(baseline_text([odd]))
    assert list(read_baseline(file)) == [entry_of(odd)]

"""What is printed about the files that could not be read."""

from __future__ import annotations

import pytest

from klplint.cli.notices import print_unreadable
from klplint.findings.finding import NotAnalysed


def printed(problems: list[NotAnalysed], capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_unreadable(problems)
    return capsys.readouterr().err.splitlines()


def test_each_of_a_few_files_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [NotAnalysed(f"{name}.c", 0, "cannot be read: Is a directory") for name in "ab"]
    assert printed(problems, capsys) == [
        "klplint: a.c: cannot be read: Is a directory",
        "klplint: b.c: cannot be read: Is a directory",
    ]


def test_very_many_files_with_the_same_problem_share_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [NotAnalysed(f"f{n:03}.c", 0, "cannot be read: out of memory") for n in range(100)]
    other = NotAnalysed("g.c", 0, "cannot be read: Permission denied")
    assert printed([*many, other], capsys) == [
        "klplint: f000.c, f001.c, f002.c, f003.c and 96 more: cannot be read: out of memory",
        "klplint: g.c: cannot be read: Permission denied",
    ]

"""Directories that cannot be read: reported, exit status 2, and all other results kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import klplint_process
from tests.support.scratch_git import Repository

SCHED = "kernel/sched/: cannot be read: "
MODES = (0o000, 0o444, 0o311)
"""No permission, and only one of the two that a directory needs: to list it, to open files."""


@pytest.fixture(params=MODES, ids=oct)
def locked(minikernel: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A tree in which kernel/sched cannot be read."""
    (minikernel / "kernel/sched").chmod(request.param)
    yield minikernel
    (minikernel / "kernel/sched").chmod(0o755)


def run(*arguments: object) -> tuple[int, str, str]:
    done = klplint_process(*arguments, obeys_permissions=True)
    assert "internal error" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_check_reports_it_and_keeps_the_other_findings(locked: Path) -> None:
    status, output, errors = run("-f", "json", locked)
    files = {finding["file"] for finding in json.loads(output)["findings"]}
    assert (status, errors.count(SCHED)) == (2, 1)
    assert "make it readable, or exclude it" in errors
    assert "lib/once_table.c" in files
    assert not any(file.startswith("kernel/sched/") for file in files)


@pytest.mark.parametrize("command", ["coverage", "pairs"])
def test_listings_report_it(locked: Path, command: str) -> None:
    status, output, errors = run(command, locked)
    assert (status, errors.count(SCHED)) == (2, 1)
    assert "drivers/" in output


def test_no_baseline_is_written_without_it(locked: Path, tmp_path: Path) -> None:
    status, _, errors = run("baseline", "-o", tmp_path / "base", locked)
    assert (status, errors.count(SCHED)) == (2, 1)
    assert not (tmp_path / "base").exists()


def test_a_baseline_with_findings_in_it_is_read(minikernel: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    assert run("baseline", "-o", base, minikernel)[0] == 0
    (minikernel / "kernel/sched").chmod(0)
    status, output, errors = run("--baseline", base, "-f", "concise", minikernel)
    (minikernel / "kernel/sched").chmod(0o755)
    assert (status, output) == (2, "")
    assert SCHED in errors


def test_it_is_excluded_or_outside_of_the_paths(locked: Path) -> None:
    status, _, errors = run("--exclude", "/kernel/sched/", locked)
    assert status == 1
    assert SCHED not in errors
    status, _, errors = run(locked / "lib")
    assert status == 0
    assert "the kernel tree lacks kernel/sched/: names in comments" in errors


def test_what_git_ignores_may_be_unreadable(minikernel: Path) -> None:
    repository = Repository.of(minikernel)
    repository.write(".gitignore", "/build/\n")
    (minikernel / "build").mkdir(mode=0)
    (minikernel / "other").mkdir(mode=0)
    status, _, errors = run(minikernel)
    assert status == 2
    assert "build/" not in errors
    assert "other/: cannot be read" in errors


def test_what_may_be_in_a_file_that_cannot_be_read_is_not_missing(minikernel: Path) -> None:
    file = minikernel / "drivers/misc/naming.c"
    comment = "/* pairs with the smp_wmb() in klp_reverse_transition() */"
    file.write_text(f"void f(void)\n{{\n\t{comment}\n\tsmp_rmb();\n}}\n")
    (minikernel / "kernel/livepatch/transition.c").chmod(0)
    status, output, errors = run("-f", "concise", "--select", "KLP004", file)
    assert (status, output) == (0, "")
    assert "the kernel tree lacks kernel/livepatch/transition.c: " in errors


def test_unreadable_headers_are_no_internal_error(minikernel: Path) -> None:
    for name in ("include/linux", "include/asm-generic", "arch/x86/include/asm", "arch/x86"):
        (minikernel / name).chmod(0)
        status, _, errors = run("-f", "concise", minikernel)
        (minikernel / name).chmod(0o755)
        assert status == 2
        assert f"{name}/: cannot be read: " in errors
    (minikernel / "include/linux").chmod(0)
    status, _, errors = run("-f", "concise", minikernel / "lib")
    (minikernel / "include/linux").chmod(0o755)
    assert status == 2
    assert "include/linux/: cannot be read: permission denied; most files need" in errors


def test_a_tree_without_its_headers_is_refused(minikernel: Path) -> None:
    (minikernel / "include").chmod(0)
    status, output, errors = run(minikernel / "lib")
    (minikernel / "include").chmod(0o755)
    assert (status, output) == (2, "")
    assert errors == (
        f"klplint: {minikernel}/include: permission denied; klplint needs it to compile files: "
        "make it readable\n"
    )

"""Temporary directories: removed in the end, and by the next run if the run was killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from klplint.temporary_files import remove_abandoned, temporary_directory

USING = """
from klplint.temporary_files import temporary_directory
with temporary_directory() as directory:
    (directory / "file").write_text("x")
    print(directory, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary directories, which begins empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def other_run() -> Iterator[subprocess.Popen[str]]:
    """Another process that uses a temporary directory, and prints which."""
    with subprocess.Popen(
        [sys.executable, "-c", USING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_a_directory_is_removed_with_all_that_is_in_it(temporary: Path) -> None:
    with temporary_directory() as directory:
        (directory / "more").mkdir()
        assert [*temporary.iterdir()] == [directory]
    assert [*temporary.iterdir()] == []


def test_a_directory_that_is_in_use_stays(other_run: subprocess.Popen[str]) -> None:
    assert other_run.stdout
    directory = Path(other_run.stdout.readline().strip())
    with temporary_directory() as ours:
        remove_abandoned()
        assert ours.is_dir()
        assert (directory / "file").exists()


def test_a_directory_of_a_run_that_was_killed_is_removed(
    other_run: subprocess.Popen[str], temporary: Path
) -> None:
    assert other_run.stdout
    directory = Path(other_run.stdout.readline().strip())
    other_run.send_signal(signal.SIGKILL)
    other_run.wait()
    assert (directory / "file").exists()
    remove_abandoned()
    assert [*temporary.iterdir()] == []


def test_an_empty_directory_of_a_run_that_was_killed_at_once_is_removed(temporary: Path) -> None:
    (temporary / "klplint-temporary-01234567").mkdir()
    remove_abandoned()
    assert [*temporary.iterdir()] == []


def test_what_is_not_klplints_stays(temporary: Path) -> None:
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".klplint-temporary").touch()
    (temporary / "klplint-temporary-filename").write_text("x")
    (temporary / "klplint-temporary-linked00").symlink_to(elsewhere)
    for name in ("klplint-temporary-somebody", "klplint-sources12", "other-01234567"):
        (temporary / name).mkdir()
        (temporary / name / "file").write_text("x")
    (temporary / "klplint-sources12" / ".klplint-temporary").touch()
    (temporary / "klplint-temporary-longer-name").mkdir()
    before = sorted(temporary.rglob("*"))
    remove_abandoned()
    assert sorted(temporary.rglob("*")) == before


def test_a_directory_that_cannot_be_read_is_left_alone(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    remove_abandoned()
    with pytest.raises(FileNotFoundError), temporary_directory():
        pass


def test_a_directory_that_another_run_took_for_abandoned_is_made_again(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It did so before the directory was locked."""
    make, made = tempfile.mkdtemp, list[str]()

    def make_and_lose(**options: str) -> str:
        made.append(make(**options))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_lose)
    with temporary_directory() as directory:
        assert str(directory) == made[1]

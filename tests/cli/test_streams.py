"""Streams that are closed or full, signals, a directory that is gone: what surrounds a run."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import IDLE, MINIKERNEL

SMALL = (
    "rules",
    "cache info",
    "explain KLP001",
    "config",
    "config --schema",
    "--help",
    "--version",
)


def in_shell(line: str, directory: Path = MINIKERNEL) -> subprocess.CompletedProcess[str]:
    """A line of sh in which `klplint` is this one."""
    script = f'klplint() {{ "{sys.executable}" -m klplint "$@"; }}; {line}'
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, cwd=directory)


def in_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """klplint, begun after some code of Python."""
    begun = f"import os, signal, sys\n{code}\nfrom klplint.__main__ import main\nmain()"
    command = [sys.executable, "-c", begun, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, preexec_fn=_expect_ctrl_c)


def _expect_ctrl_c() -> None:
    """A shell has what it runs in the background ignore it; so these tests may have been begun."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("lib", 0),
        ("--statistics kernel/sched/idle.c", 1),
        ("nope", 2),
        ("--no-such-option", 2),
        ("kbuild --kbuild kernel/sched/idle.c", 0),
    ],
)
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_messages_that_cannot_be_written_change_no_exit_status(
    arguments: str, status: int, redirection: str
) -> None:
    done = in_shell(f"klplint {arguments} {redirection}")
    assert done.returncode == status
    assert "\nklplint: " not in f"\n{done.stdout}"
    assert done.stderr == ""


@pytest.mark.parametrize("command", [*SMALL, "check --help", "cache info --help"])
def test_standard_output_that_cannot_be_written(command: str) -> None:
    closed, full = in_shell(f"klplint {command} >&-"), in_shell(f"klplint {command} >/dev/full")
    assert (closed.returncode, full.returncode) == (2, 2)
    assert (
        closed.stderr == "klplint: standard output is closed; redirect it to a terminal or a file\n"
    )
    assert full.stderr == "klplint: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", SMALL)
def test_a_reader_that_has_seen_enough(command: str) -> None:
    done = in_shell(f"{{ klplint {command}; echo $? >&2; }} | true")
    assert done.stderr == "0\n"


INTERRUPTED_IMPORT = """
class Interrupting:
    def find_spec(self, name, *_):
        if name == "klplint.cli.commands":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
"""
INTERRUPTED_RUN = """
from klplint.cli import check
check.plan_run = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)
"""


def test_ctrl_c_while_modules_are_imported_ends_the_process_and_says_nothing() -> None:
    done = in_python(INTERRUPTED_IMPORT, IDLE)
    assert (done.returncode, done.stdout, done.stderr) == (-2, "", "")


def test_ctrl_c_during_a_run_is_reported() -> None:
    done = in_python(INTERRUPTED_RUN, IDLE)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "klplint: interrupted\n")


def test_who_ignores_ctrl_c_is_not_interrupted() -> None:
    ignoring = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    assert in_python(ignoring + INTERRUPTED_IMPORT, "rules").returncode == 0


def test_an_internal_error_is_reported_with_its_traceback_if_asked_for() -> None:
    faulty = "from klplint.cli import check\ncheck.plan_run = lambda *_, **__: 1 / 0"
    done = in_python(faulty, IDLE)
    assert done.returncode == 2
    assert done.stderr.startswith("klplint: internal error: ZeroDivisionError: division by zero;")
    done = in_python(f"os.environ['KLPLINT_TRACEBACK'] = '1'\n{faulty}", IDLE)
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback (most recent call last):")


@pytest.mark.parametrize("command", ["", "config", "-o a.txt $OLDPWD", "kbuild --kbuild a.c"])
def test_a_current_directory_that_was_removed(tmp_path: Path, command: str) -> None:
    done = in_shell(f"cd {tmp_path} && rmdir {tmp_path} && klplint {command}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "klplint: the current directory was removed; change to another one\n"


@pytest.mark.parametrize("command", ["rules", "explain KLP001", "cache info"])
def test_what_needs_no_directory(tmp_path: Path, command: str) -> None:
    done = in_shell(f"cd {tmp_path} && rmdir {tmp_path} && klplint {command}")
    assert (done.returncode, done.stderr) == (0, "")

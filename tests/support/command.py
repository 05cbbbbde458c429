"""klplint as a user starts it: what it prints where, and its exit status."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from klplint.cli.commands import main
from tests.support.paths import ROOT
from tests.support.permissions import obey_permissions

_HANDLED = (signal.SIGTERM, signal.SIGHUP)


def klplint(
    *arguments: object, directory: Path | None = None, env: dict[str, str] | None = None
) -> CompletedProcess[str]:
    """Run the command in this process, which takes a tenth of the time of a new one.

    Where streams, signals or Python's own start are the matter, use `klplint_process`.
    """
    words = [str(argument) for argument in arguments]
    with (
        mock.patch.dict(os.environ, _environment(env), clear=True),
        contextlib.chdir(directory or Path.cwd()),
        _as_it_was(),
        mock.patch.object(sys, "stdout", _stream("strict")) as out,
        mock.patch.object(sys, "stderr", _stream("backslashreplace")) as err,
    ):
        status = _status(words)
    return CompletedProcess(["klplint", *words], status, _written(out), _written(err))


def klplint_process(
    *arguments: object,
    directory: Path | None = None,
    env: dict[str, str] | None = None,
    obeys_permissions: bool = False,
) -> CompletedProcess[str]:
    """Run the installed program; permissions of files hold for root only on request."""
    command = [str(Path(sys.executable).parent / "klplint"), *map(str, arguments)]
    environment = {
        **_environment(env),
        "PYTHONPATH": str(ROOT),
    }  # this checkout, from any directory
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=directory,
        env=environment,
        preexec_fn=obey_permissions if obeys_permissions else None,
    )


def complaint(*arguments: object, directory: Path | None = None) -> str:
    """The one sentence that klplint says; the run must be refused, with nothing printed."""
    return refusal(klplint(*arguments, directory=directory))


def refusal(done: CompletedProcess[str]) -> str:
    """The one sentence of a run that was refused."""
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("klplint: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def _environment(further: dict[str, str] | None) -> dict[str, str]:
    """Nothing of the user's: only the cache of the tests (see conftest.py), and what measures."""
    measuring = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    usual = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}
    return {**measuring, **usual, **(further or {})}


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Undo what a command changes of its process, which it expects to end."""
    handlers = {number: signal.getsignal(number) for number in _HANDLED}
    threshold = gc.get_threshold()
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _stream(errors: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", errors, newline="\n", line_buffering=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def _status(words: list[str]) -> int:
    """The exit status; click ends every command with one."""
    try:
        main.main(words, prog_name="klplint")
    except SystemExit as end:
        assert isinstance(end.code, int)
        return end.code
    raise AssertionError("the command did not end")

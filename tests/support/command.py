"""klplint as a user starts it: what it prints where, and its exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT


def klplint(
    *arguments: object, folder: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "klplint", *map(str, arguments)]
    own = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),  # this checkout, from any folder
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],  # that of the tests: see conftest.py
    }
    environment = {**own, **(env or {})}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


def complaint(*arguments: object, folder: Path | None = None) -> str:
    """The one sentence that klplint says; the run must be refused, with nothing printed."""
    done = klplint(*arguments, folder=folder)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("klplint: ")
    assert done.stderr.count("\n") == 1
    return done.stderr

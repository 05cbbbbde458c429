"""Real kernels for the tests that need one, and one full run of klplint on each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

_HERE = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "klplint"
_ARCHIVE_OUT_OF_REACH = 75


class KernelRun(NamedTuple):
    """What one full run of klplint on a kernel gave."""

    tree: Path
    status: int
    text: bytes
    errors: str
    sarif: Path
    report: dict[str, list[dict[str, object]]]

    def findings(self, *codes: str) -> list[dict[str, object]]:
        """The findings of some rules, from the JSON report."""
        return [finding for finding in self.report["findings"] if finding["code"] in codes]


def kernel_tree(version: str) -> Path:
    """A kernel's tree: KLPLINT_TEST_TREE if it is of this version, else Debian's package."""
    given = os.environ.get("KLPLINT_TEST_TREE")
    if (
        given
        and f"\nPATCHLEVEL = {version.split('.')[1]}\n" in (Path(given) / "Makefile").read_text()
    ):
        return Path(given)
    command = [str(_HERE / "get-kernel"), version, str(_CACHE / "kernels")]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode == _ARCHIVE_OUT_OF_REACH:
        pytest.skip(f"no package archive can be reached for linux-source-{version}")
    assert done.returncode == 0, f"get-kernel {version} failed"
    return Path(done.stdout.strip())


def run_klplint(*arguments: object, jobs: int = 2) -> subprocess.CompletedProcess[bytes]:
    """klplint as a user starts it."""
    command = [sys.executable, "-m", "klplint", "check", "--isolated", "-j", str(jobs)]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True)


@pytest.fixture(scope="session", params=["6.12", "6.1"])
def kernel_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> KernelRun:
    """A full run of klplint on Linux 6.12 and on 6.1, with all outputs at once."""
    tree = kernel_tree(request.param)
    folder = tmp_path_factory.mktemp(f"linux-{request.param}")
    sarif, report = folder / "klplint.sarif", folder / "klplint.json"
    done = run_klplint(tree, "--sarif-output", sarif, "--json-output", report)
    assert done.returncode in (0, 1), done.stderr.decode()
    return KernelRun(
        tree,
        done.returncode,
        done.stdout,
        done.stderr.decode(),
        sarif,
        json.loads(report.read_text()),
    )

"""Too little memory, or too few open files: one sentence, and exit status 2."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import MINIKERNEL


def limited(kind: int, limit: int, cache: Path) -> subprocess.CompletedProcess[str]:
    """A run that may use so much of something."""
    words = ["-m", "klplint", "check", "-q", "-f", "concise", "--cache-dir", str(cache), "."]
    return subprocess.run(
        [sys.executable, *words],
        cwd=MINIKERNEL,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(kind, (limit, limit)),
    )


@pytest.mark.parametrize("files", range(9, 13))
def test_too_few_open_files(files: int, tmp_path: Path) -> None:
    done = limited(resource.RLIMIT_NOFILE, files, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "klplint: too many open files; raise the limit (ulimit -n)\n"


def test_too_little_memory_to_load_libclang(tmp_path: Path) -> None:
    done = limited(resource.RLIMIT_AS, 80 << 20, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("klplint: libclang cannot be loaded (")
    assert done.stderr.count("\n") == 1


def test_little_memory_is_enough(tmp_path: Path) -> None:
    done = limited(resource.RLIMIT_AS, 300 << 20, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")


def test_memory_that_runs_out_in_the_main_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from klplint.cli import check
    from klplint.cli.commands import main

    def fail(*arguments: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(check, "plan_run", fail)
    with pytest.raises(SystemExit) as end:
        main.main([str(MINIKERNEL)], prog_name="klplint")
    assert end.value.code == 2
    expected = "klplint: memory ran out; lower --jobs, or raise the limit (ulimit -v)\n"
    assert capsys.readouterr().err == expected

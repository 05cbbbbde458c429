"""Kill runs of klplint at random times: none hangs, none leaves anything behind, none lies.

    python -m tests.kills.run --runs 300 --seed 1 [--tree LINUX] [PATH...]

Each run has one victim (see `VICTIMS`), which gets a signal at a random time. After each, these
must hold:

* the run ends in time, and so do all of its processes;
* an output file is there as a whole, or is not there; a run that ends as usual has written what the
  reference has, or reports the files on which its processes were killed;
* the next run, with the cache that the first one left, writes what the reference has;
* after that, there are no temporary files.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.support.paths import MINIKERNEL

_SECONDS_TO_END = 120.0
"""After so long, a run that was killed hangs."""
_SECONDS_TO_VANISH = 5.0
"""After so long, processes of a run that has ended count as left over."""
_USUAL = (0, 1)
"""The exit status of a run that has done its work."""
_SPACING = 0.05


class Wrong(Exception):
    """Something does not hold after a run was killed; the text says what."""


class Setting(NamedTuple):
    """Where runs happen. All of them share these directories."""

    tree: Path
    paths: tuple[str, ...]
    scratch: Path

    @property
    def cache(self) -> Path:
        """The cache of all runs."""
        return self.scratch / "cache"

    @property
    def temporary(self) -> Path:
        """Where runs write temporary files."""
        return self.scratch / "temporary"

    @property
    def outputs(self) -> Path:
        """Where runs write reports."""
        return self.scratch / "outputs"

    @property
    def report(self) -> Path:
        """What each run writes."""
        return self.outputs / "report.json"

    def begin(self, *options: str) -> subprocess.Popen[bytes]:
        """Begin a run, as the leader of a process group."""
        words = [sys.executable, "-m", "klplint", "check", *options, "-f", "json"]
        words += ["-o", str(self.report), *self.paths]
        return subprocess.Popen(
            words,
            cwd=self.tree,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def main(words: list[str] | None = None) -> int:
    """Do some runs and print how often what happened; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills.run")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tree", type=Path, default=MINIKERNEL)
    parser.add_argument("path", nargs="*", default=["."])
    given = parser.parse_args(words)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # runs inherit it if it is ignored
    with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
        setting = Setting(given.tree, tuple(given.path), Path(scratch))
        counts = kill_runs(setting, given.runs, random.Random(given.seed))
    for what, count in sorted(counts.items()):
        print(f"{count:5}  {what}")
    return int(any(what.startswith("WRONG") for what in counts))


def kill_runs(setting: Setting, runs: int, chance: random.Random) -> collections.Counter[str]:
    """How often what happened; what begins with WRONG must not."""
    for directory in (setting.temporary, setting.outputs):
        directory.mkdir()
    began = time.monotonic()
    reference, _ = _undisturbed(setting)
    duration = time.monotonic() - began
    counts: collections.Counter[str] = collections.Counter()
    for number in range(runs):
        name = chance.choice(sorted(VICTIMS))
        try:
            end = _one(setting, reference, duration, name, chance)
        except Wrong as error:
            end = f"WRONG: {error}"
        counts[f"{end} ({name})"] += 1
        print(f"run {number}: {end} ({name})", flush=True)
    return counts


def _one(
    setting: Setting, reference: bytes, duration: float, victim: str, chance: random.Random
) -> str:
    """Kill one run, and check what must hold; says how the run ended. Raises Wrong."""
    is_cached = chance.random() < 0.5
    if not is_cached:
        shutil.rmtree(setting.cache, ignore_errors=True)
    if chance.random() < 0.5:
        setting.report.unlink(missing_ok=True)
    else:
        setting.report.write_text("yesterday's")
    cache = ["--no-cache"] if chance.random() < 0.2 else ["--cache-dir", str(setting.cache)]
    run = setting.begin(*cache, "--jobs", str(chance.choice([1, 2, 3])))
    time.sleep(chance.uniform(0.05, duration * (0.6 if is_cached else 1.1)))
    VICTIMS[victim](run, chance)
    end = _ended(run, setting, reference)
    _expect_no_processes(run.pid)
    report, errors = _undisturbed(setting)
    if report != reference:
        raise Wrong(f"the next run reports something else: {errors}")
    expect_nothing_left(setting)
    return end


def _ended(run: subprocess.Popen[bytes], setting: Setting, reference: bytes) -> str:
    """How a run ended, whose report is as it must be. Raises Wrong."""
    try:
        _, errors = run.communicate(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        raise Wrong("hangs") from None
    if b"internal error" in errors or b"Traceback" in errors:
        raise Wrong(f"status {run.returncode}, {errors.decode(errors='replace')[-300:]}")
    report = setting.report.read_bytes() if setting.report.exists() else b""
    if run.returncode in _USUAL:
        if report == reference:
            return "same report"
        if b"crashed twice" in errors and b"crashed twice" in report:
            return "files reported as crashed"
        raise Wrong(f"another report, without saying so: {errors.decode(errors='replace')[-300:]}")
    if report not in (b"", b"yesterday's", reference):
        raise Wrong("a report that is not whole")
    return f"status {run.returncode}"


def _undisturbed(setting: Setting) -> tuple[bytes, str]:
    """The report of a run with the cache that nobody kills, and its messages. Raises Wrong."""
    run = setting.begin("--cache-dir", str(setting.cache), "--jobs", "2")
    errors = run.communicate(timeout=10 * _SECONDS_TO_END)[1].decode(errors="replace")
    if run.returncode not in _USUAL:
        raise Wrong(f"the next run: status {run.returncode}, {errors}")
    return setting.report.read_bytes(), errors


def _expect_no_processes(group: int) -> None:
    """Raises Wrong if processes of a group are left after a while."""
    end = time.monotonic() + _SECONDS_TO_VANISH
    while left := _group(group):
        if time.monotonic() > end:
            os.killpg(group, signal.SIGKILL)
            raise Wrong(f"{len(left)} processes are left over")
        time.sleep(_SPACING)


def expect_nothing_left(setting: Setting) -> None:
    """Raises Wrong if there are files that no run should leave."""
    left = [
        *setting.temporary.rglob("*"),
        *(path for path in setting.outputs.iterdir() if path != setting.report),
        *(path for path in setting.cache.glob("*/*.*") if path.suffix != ".pch"),
    ]
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if left:
        raise Wrong(f"left behind: {', '.join(sorted(path.name for path in left))}")


def _group(group: int) -> list[int]:
    """The processes of a group that have not ended."""
    processes = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group = status.read_text().rpartition(")")[2].split()[:3]
            if int(of_group) == group and state != "Z":
                processes.append(int(status.parent.name))
    return processes


def _send(processes: Iterable[int], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _workers(run: subprocess.Popen[bytes]) -> list[int]:
    return [process for process in _group(run.pid) if process != run.pid]


def _kill_one_worker(run: subprocess.Popen[bytes], chance: random.Random) -> None:
    workers = _workers(run)
    _send([chance.choice(workers)] if workers else [], signal.SIGKILL)


def _kill_all_workers(run: subprocess.Popen[bytes], chance: random.Random) -> None:
    _send(_workers(run), signal.SIGKILL)


def _kill_workers_again_and_again(run: subprocess.Popen[bytes], chance: random.Random) -> None:
    for _ in range(chance.randrange(2, 20)):
        _send(_workers(run), chance.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM]))
        time.sleep(chance.uniform(0, 2 * _SPACING))


def _main_process(number: int) -> Callable[[subprocess.Popen[bytes], random.Random], None]:
    return lambda run, _: run.send_signal(number)


def _whole_group(number: int) -> Callable[[subprocess.Popen[bytes], random.Random], None]:
    def send(run: subprocess.Popen[bytes], _: random.Random) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, number)

    return send


VICTIMS: dict[str, Callable[[subprocess.Popen[bytes], random.Random], None]] = {
    "one worker": _kill_one_worker,
    "all workers": _kill_all_workers,
    "workers again and again": _kill_workers_again_and_again,
    "main process, SIGKILL": _main_process(signal.SIGKILL),
    "main process, SIGINT": _main_process(signal.SIGINT),
    "main process, SIGTERM": _main_process(signal.SIGTERM),
    "group, SIGINT": _whole_group(signal.SIGINT),
    "group, SIGKILL": _whole_group(signal.SIGKILL),
}
"""Which processes of a run get a signal. There is no server between them that could get one."""


if __name__ == "__main__":
    sys.exit(main())

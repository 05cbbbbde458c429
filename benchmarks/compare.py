"""klplint beside Coccinelle, checkpatch, Semgrep and ripgrep: one tree, one session, in turn.

    python benchmarks/compare.py TREE [--rounds N] [--only NAME...] -o docs/performance

The tree is copied first: one run needs a changed file, and nothing is written to a user's tree.
Every tool runs once before it counts, then each in turn, N times; before each run all sources are
read, so that they are in memory.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from kinds import barrier_kinds
from measure import Run, median, run

_HERE = Path(__file__).parent
_NAMES = ("smp_rmb", "klp_update_patch_state", "klp_patch_task")
_SUFFIXES = (".c", ".h", ".S")
_CHECKPATCH_SAMPLE = 20
_INCLUDE = re.compile(r"^#include <(.+?)>", re.MULTILINE)
_SHARE = 0.05  # of the files include the header that is changed
_SECONDS_TO_SETTLE = 3.2


class Contender(NamedTuple):
    """A run to measure: what is done before it, the command, and how its finds are counted.

    `finds` gives the calls and the barriers that were found. `scale` is by how much a run on
    a sample has to be multiplied; `rounds` how often at most it is worth running.
    """

    name: str
    command: list[str]
    finds: Callable[[Run], tuple[int | None, int | None]]
    before: Callable[[], None] = lambda: None
    scale: float = 1.0
    rounds: int = 99


class Bench:
    """A copy of the tree, and the contenders on it."""

    def __init__(self, tree: Path, work: Path, semgrep: str) -> None:
        self.tree = work / "linux"
        self._work = work
        self._semgrep = semgrep
        shutil.copytree(tree, self.tree, symlinks=True)
        self.naming = sorted(self._files_naming("smp_rmb"))
        self._changes = 0

    def _files_naming(self, name: str) -> Iterator[Path]:
        for file in self.tree.rglob("*.[ch]"):
            if file.is_file() and name.encode() in file.read_bytes():
                yield file

    def read_all(self) -> None:
        """Have all sources in memory, which a virtual machine may take back within a minute."""
        for file in self.tree.rglob("*.[chS]"):
            if file.is_file():
                file.read_bytes()

    def contenders(self) -> Iterator[Contender]:
        """All of them, klplint first."""
        yield from self._klplint()
        names = [word for name in _NAMES for word in ("-e", name)]
        globs = [word for suffix in _SUFFIXES for word in ("-g", f"*{suffix}")]
        rg = ["rg", "--no-ignore", "-n", "-w", *names, *globs, str(self.tree)]
        yield Contender("ripgrep, text of the same names", rg, _by_lines)
        spatch = ["spatch", "--dir", str(self.tree), "--no-includes", "--include-headers"]
        spatch += ["--very-quiet", "-j", str(os.cpu_count() or 1), "--sp-file"]
        peers = _HERE / "peers"
        yield Contender(
            "Coccinelle, calls",
            [*spatch, str(peers / "calls.cocci")],
            lambda r: (len(_places(r)), None),
        )
        yield Contender(
            "Coccinelle, barriers with comments",
            [*spatch, str(peers / "barriers.cocci")],
            lambda r: (None, len(_places(r))),
        )
        sample = random.Random(1).sample(self.naming, _CHECKPATCH_SAMPLE)
        checkpatch = ["perl", str(self.tree / "scripts/checkpatch.pl"), f"--root={self.tree}"]
        checkpatch += ["--types", "MEMORY_BARRIER", "--terse", "--no-summary", "-f"]
        yield Contender(
            f"checkpatch, {_CHECKPATCH_SAMPLE} of {len(self.naming)} files, times "
            f"{len(self.naming) / _CHECKPATCH_SAMPLE:.1f}",
            [*checkpatch, *map(str, sample)],
            lambda _: (None, None),
            scale=len(self.naming) / _CHECKPATCH_SAMPLE,
            rounds=1,
        )
        rules = ["--config", str(peers / "semgrep.yml"), "--json", "--no-git-ignore"]
        quiet = ["--metrics", "off", "--disable-version-check", "-j", str(os.cpu_count() or 1)]
        yield Contender(
            "Semgrep",
            [self._semgrep, "scan", *quiet, *rules, str(self.tree)],
            _by_semgrep,
            rounds=1,
        )

    def _klplint(self) -> Iterator[Contender]:
        klplint = [sys.executable, "-m", "klplint"]
        caches = {name: self._work / name for name in ("whole", "alone", "search", "kinds")}

        def check(cache: str, *words: str, path: str = "") -> list[str]:
            common = ["check", "--exit-zero", "-q", "-f", "json", "--cache-dir"]
            return [*klplint, *common, str(caches[cache]), *words, str(self.tree / path)]

        def forget(cache: str) -> Callable[[], None]:
            return lambda: shutil.rmtree(caches[cache], ignore_errors=True)

        whole = check("whole", "--isolated")
        idle = check("alone", "--isolated", path="kernel/sched/idle.c")
        without = check("search", "--isolated", "--no-partners")
        kinds = check("kinds", "--config", str(self._configured_for_all_kinds()))
        yield Contender("klplint, cold", whole, _by_klplint, forget("whole"))
        yield Contender("klplint, nothing changed", whole, _by_klplint)
        yield Contender("klplint, one C file changed", whole, _by_klplint, self._change_source)
        yield Contender("klplint, one header changed", whole, _by_klplint, self._change_header)
        yield Contender("klplint, --no-partners, cold", without, _by_klplint, forget("search"))
        yield Contender("klplint, --no-partners, nothing changed", without, _by_klplint)
        yield Contender("klplint, idle.c alone, cold", idle, _by_klplint, forget("alone"))
        yield Contender("klplint, idle.c alone, warm", idle, _by_klplint)
        yield Contender("klplint, all kinds of barriers, cold", kinds, _by_klplint, forget("kinds"))
        yield Contender("klplint --version", [*klplint, "--version"], lambda _: (None, None))

    def _configured_for_all_kinds(self) -> Path:
        """A configuration that enables every barrier of the reading side."""
        file, listed = self._work / "klplint.toml", json.dumps(barrier_kinds())
        codes = ("KLP003", "KLP004", "KLP007")
        file.write_text("".join(f"[rule.{code}]\nbarriers = {listed}\n" for code in codes))
        return file

    def _change_source(self) -> None:
        """Another line at the end of one of the files that hold a barrier."""
        sources = [file for file in self.naming if file.suffix == ".c"]
        self._change(random.Random(self._changes).choice(sources))

    def _change_header(self) -> None:
        """Another line at the end of the header that about 5 % of the files include."""
        self._change(self._header)

    def _change(self, file: Path) -> None:
        self._changes += 1
        with file.open("a") as opened:
            opened.write(f"/* change {self._changes} */\n")
        time.sleep(_SECONDS_TO_SETTLE)  # klplint does not trust the times of newer changes

    @cached_property
    def _header(self) -> Path:
        """The header in include/ that as near as possible to 5 % of the files include somehow."""
        include = self.tree / "include"
        headers = {file.relative_to(include).as_posix(): file for file in include.rglob("*.h")}
        sources = [file for file in self.naming if file.suffix == ".c"]
        including: defaultdict[str, set[str]] = defaultdict(set)
        for name, file in [*headers.items(), *((str(file), file) for file in sources)]:
            for included in _INCLUDE.findall(file.read_text(errors="replace")):
                including[included].add(name)
        wanted = len(sources) * _SHARE
        return headers[min(headers, key=lambda n: (abs(_reaching(n, including) - wanted), n))]


def _reaching(header: str, including: Mapping[str, set[str]]) -> int:
    """How many C files include a header, directly or not."""
    waiting, seen = [header], {header}
    while waiting:
        new = including.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return sum(name.endswith(".c") for name in seen)


def _by_lines(done: Run) -> tuple[int | None, int | None]:
    return None, sum("smp_rmb" in line for line in done.output.splitlines())


def _places(done: Run) -> set[str]:
    return {line.split()[0] for line in done.output.splitlines() if ":" in line}


def _by_klplint(done: Run) -> tuple[int | None, int | None]:
    findings = json.loads(done.output)["findings"] if done.output else []
    return sum(f["code"] == "KLP001" for f in findings), None


def _by_semgrep(done: Run) -> tuple[int | None, int | None]:
    results = json.loads(done.output)["results"] if done.output else []
    rules = [result["check_id"].rpartition(".")[2] for result in results]
    return rules.count("task-not-current"), rules.count("read-barrier")


class Outcome(NamedTuple):
    """The runs of one contender, and its memory in those in which it was watched."""

    contender: Contender
    runs: list[Run]
    memory: list[float]

    @property
    def seconds(self) -> float:
        """The median, of the whole work if the runs were on a sample."""
        return median(r.seconds for r in self.runs) * self.contender.scale


def measure(bench: Bench, rounds: int, only: list[str]) -> list[Outcome]:
    """All contenders in turn, round after round, after one run each that does not count."""
    got = [c for c in bench.contenders() if _is_there(c) and _is_wanted(c, only)]
    outcomes = [Outcome(contender, [], []) for contender in got]
    for number in range(rounds + 1):
        for outcome in outcomes:
            contender = outcome.contender
            if number > contender.rounds or (not number and contender.rounds == 1):
                continue
            contender.before()
            bench.read_all()
            done = run(contender.command, with_memory=not number or contender.rounds == 1)
            print(f"{number} {contender.name}: {done.seconds:.2f} s", file=sys.stderr)
            outcome.memory.append(done.memory)
            if number:
                outcome.runs.append(done)
    return outcomes


def _is_there(contender: Contender) -> bool:
    there = shutil.which(contender.command[0]) is not None
    if not there:
        print(f"{contender.name}: {contender.command[0]} is not installed", file=sys.stderr)
    return there


def _is_wanted(contender: Contender, only: list[str]) -> bool:
    return not only or any(word in contender.name for word in only)


def table(outcomes: list[Outcome], barriers: int) -> Iterator[str]:
    """The outcome as Markdown: medians, spread, ratios to other tools, memory, finds."""
    cocci = sum(o.seconds for o in outcomes if o.contender.name.startswith("Coccinelle"))
    ripgrep = sum(o.seconds for o in outcomes if o.contender.name.startswith("ripgrep"))
    yield (
        "| run | seconds (median) | range | ratio to both Coccinelle runs | ratio to ripgrep "
        "| MiB | calls | barriers |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for outcome in outcomes:
        contender, runs, memories = outcome
        times = [r.seconds * contender.scale for r in runs]
        ratios = [f"{outcome.seconds / o:.2f}" if o else "" for o in (cocci, ripgrep)]
        calls, uses = contender.finds(runs[-1])
        if contender.name.startswith("klplint") and "idle" not in contender.name:
            uses = barriers
        cells = [
            contender.name,
            f"{outcome.seconds:.2f}",
            f"{min(times):.2f} - {max(times):.2f}",
            *ratios,
            f"{max(memories):,.0f}",
            "" if calls is None else f"{calls} of 2",
            "" if uses is None else f"{uses}",
        ]
        yield f"| {' | '.join(cells)} |"


def covered_barriers(tree: Path) -> int:
    """The uses of smp_rmb() in code that klplint accounts for, calls and macro bodies."""
    command = [sys.executable, "-m", "klplint", "coverage", "-f", "json", str(tree)]
    got = json.loads(run(command).output)["occurrences"]
    kinds = ("call", "macro-body")
    return sum(o["name"] == "smp_rmb" and o["class"] in kinds for o in got)


def versions(semgrep: str) -> str:
    """The machine and the tools, in a sentence."""
    import klplint

    def first_line(*command: str) -> str:
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
        except OSError:
            return f"{command[0]}: not installed"

    tools = [first_line("spatch", "--version"), first_line("rg", "--version")]
    tools.append(f"Semgrep {first_line(semgrep, '--version')}")
    cores = len(os.sched_getaffinity(0))
    return (
        f"klplint {klplint.__version__}, Python {platform.python_version()}, {cores} cores "
        f"({platform.machine()}); {'; '.join(tools)}"
    )


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[], help="part of a contender's name")
    parser.add_argument("--semgrep", default="semgrep", help="where Semgrep is installed")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="klplint-bench-") as directory:
        bench = Bench(options.tree.resolve(), Path(directory), options.semgrep)
        outcomes = measure(bench, options.rounds, options.only)
        lines = [versions(options.semgrep), "", *table(outcomes, covered_barriers(bench.tree))]
    options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

"""How klplint's time and memory grow with the number of files, from cold.

    python benchmarks/growth.py TREE -o docs/growth

First every kind of barrier is enabled; the candidates are files of TREE that name one, in a random
order that is always the same. Then the usual rules run on trees that hold the sources of TREE
once, twice and five times. Writes a table of each (.md) and a plot of the first (.svg).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
from kinds import barrier_kinds
from measure import median, run

from klplint.facts.queries import FilesNaming
from klplint.index.tree_index import Index, files_naming
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.process_pool import Workers
from klplint.progress import Silence

_SIZES = (10, 30, 100, 300, 1000)
_TIMES = (1, 2, 5)
# What a tree holds several times; the headers and architectures are there once.
_SOURCES = ("block", "crypto", "drivers", "fs", "io_uring", "ipc", "kernel", "lib", "mm", "net")
_SOURCES += ("samples", "security", "sound", "virt")
_CHECK = [sys.executable, "-m", "klplint", "check", "--no-cache", "--exit-zero", "-q", "-f", "json"]


class Point(NamedTuple):
    """Some candidate files, and what a run over them took."""

    files: int
    seconds: float
    memory: float


def candidates(tree: Path, names: Sequence[str]) -> list[str]:
    """The files that name a barrier, shuffled."""
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    with Workers(2) as workers:
        index = Index(sources, workers, 600.0)
        got = index.find([FilesNaming(name) for name in names], Silence())
    files = list(files_naming(got))
    random.Random(1).shuffle(files)
    return files


def points(tree: Path, rounds: int) -> Iterator[Point]:
    """Runs over more and more candidates, each with nothing cached."""
    names = barrier_kinds()
    files = candidates(tree, names)
    listed = ", ".join(f'"{name}"' for name in names)
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "klplint.toml"
        tables = [f"[rule.{code}]\nbarriers = [{listed}]\n" for code in ("KLP003", "KLP004")]
        config.write_text("".join(tables))
        for size in [*(s for s in _SIZES if s < len(files)), len(files)]:
            paths = [str(tree / file) for file in files[:size]]
            yield point([*_CHECK, "--config", str(config), *paths], size, rounds)


def point(command: list[str], files: int, rounds: int) -> Point:
    """The median of some runs of a command over so many files."""
    runs = [run([*command, "-o", "/dev/null"], with_memory=True) for _ in range(rounds)]
    measured = Point(files, median(r.seconds for r in runs), max(r.memory for r in runs))
    print(measured, file=sys.stderr)
    return measured


def points_of_trees(tree: Path, rounds: int) -> Iterator[Point]:
    """Runs over trees that hold the same sources several times."""
    with tempfile.TemporaryDirectory(prefix="klplint-growth-") as directory:
        whole = Path(directory) / "linux"
        shutil.copytree(tree, whole, symlinks=True)
        for times in range(1, max(_TIMES) + 1):
            for source in _SOURCES if times > 1 else ():
                copy = whole / f"copy{times}" / source
                # Links take no room, and klplint reads each of them as a file of its own.
                shutil.copytree(whole / source, copy, symlinks=True, copy_function=os.link)
            if times in _TIMES:
                files = sum(file.suffix in (".c", ".h", ".S") for file in whole.rglob("*.[chS]"))
                yield point([*_CHECK, "--isolated", str(whole)], files, rounds)


def plot(measured: Sequence[Point], file: Path) -> None:
    """Seconds and memory over the number of files."""
    figure, left = plt.subplots(figsize=(7, 3.6), layout="constrained")
    right = left.twinx()
    sizes = [point.files for point in measured]
    left.plot(sizes, [p.seconds for p in measured], "o-", color="tab:blue", label="seconds")
    right.plot(sizes, [p.memory for p in measured], "s--", color="tab:orange", label="MiB")
    left.set(xlabel="candidate files", ylabel="seconds, cold", ylim=(0, None))
    right.set(ylabel="peak memory of all processes, MiB", ylim=(0, None))
    figure.legend(loc="outside upper center", ncols=2)
    figure.savefig(file)


def table(of_what: str, measured: Sequence[Point]) -> Iterator[str]:
    """The measurements as Markdown."""
    yield f"| {of_what} | seconds | MiB |"
    yield "|---|---|---|"
    for each in measured:
        yield f"| {each.files:,} | {each.seconds:.1f} | {each.memory:,.0f} |"


def main() -> None:
    """Measure, and write the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    measured = list(points(options.tree.resolve(), options.rounds))
    trees = list(points_of_trees(options.tree.resolve(), options.rounds))
    lines = [*table("candidate files", measured), "", *table("files of the tree", trees)]
    options.output.with_suffix(".md").write_text("\n".join(lines) + "\n")
    plot(measured, options.output.with_suffix(".svg"))


if __name__ == "__main__":
    main()

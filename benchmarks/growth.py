"""How klplint's time and memory grow with the number of candidate files, from cold.

    python benchmarks/growth.py TREE -o docs/growth

Every kind of barrier is switched on; the candidates are files of TREE that name one, in a random
order that is always the same. Writes a table (.md) and a plot (.svg).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
from measure import median, run

from klplint.catalogue.load import load_catalogue
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.facts.queries import FilesNaming
from klplint.index.tree_index import Index, files_naming
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.process_pool import Workers
from klplint.progress import Silence

_SIZES = (10, 30, 100, 300, 1000)


class Point(NamedTuple):
    """Some candidate files, and what a run over them took."""

    files: int
    seconds: float
    memory: float


def barrier_kinds() -> list[str]:
    """Every barrier that may stand on the reading side."""
    checks = [rule.check for rule in load_catalogue()]
    families = next(check.families for check in checks if isinstance(check, ReadBarrierCheck))
    return sorted(families.readers)


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
            command = [sys.executable, "-m", "klplint", "check", "--config", str(config)]
            command += ["--no-cache", "--exit-zero", "-q", "-f", "json", "-o", "/dev/null"]
            runs = [run([*command, *paths], with_memory=True) for _ in range(rounds)]
            point = Point(size, median(r.seconds for r in runs), max(r.memory for r in runs))
            print(point, file=sys.stderr)
            yield point


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


def main() -> None:
    """Measure, and write the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    measured = list(points(options.tree.resolve(), options.rounds))
    rows = [f"| {p.files:,} | {p.seconds:.1f} | {p.memory:,.0f} |" for p in measured]
    head = ["| candidate files | seconds | MiB |", "|---|---|---|"]
    options.output.with_suffix(".md").write_text("\n".join([*head, *rows]) + "\n")
    plot(measured, options.output.with_suffix(".svg"))


if __name__ == "__main__":
    main()

"""Change trees at random: what comes from the cache equals what a run without a cache finds.

    python -m tests.random_edits.run --trees 100 --steps 10 [--seed 1]

Each tree changes step by step. After each step it is linted with the cache that the earlier steps
left, then without a cache; the results must be equal. Most trees change their headers, and every
fourth uses precompiled ones. Every third tree changes its barriers and their comments.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar, Protocol
from unittest import mock

from klplint.catalogue.load import load_catalogue
from klplint.engine.lint import lint
from klplint.engine.plan import Execution, Plan
from klplint.findings.finding import Result
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources
from klplint.progress import Silence
from klplint.statistics import Statistics
from tests.random_edits.barrier_trees import RandomBarrierTree
from tests.random_edits.header_trees import RandomHeaderTree
from tests.support.permissions import obey_permissions

_TICK = 0.012
"""Within so many seconds, two changes of a file may have the same time."""
_AS_ITSELF = "KLPLINT_TEST_WITHOUT_CAPABILITIES"


class Wrong(Exception):
    """A result that came from the cache is not that of a run without one."""


class ChangingTree(Protocol):
    """A tree that changes at random."""

    has_partners: ClassVar[bool]
    """Whether partners of its barriers are searched."""

    def change(self) -> str:
        """Change something; what it was."""


def linted(path: Path, cache: Path | None, partners: bool) -> tuple[Result, Counter[str]]:
    """The result of a run, and what it counted."""
    time.sleep(_TICK)
    catalogue, statistics = load_catalogue(), Statistics()
    sources = find_sources([path], None, DEFAULT_EXCLUDES)
    execution = Execution(jobs=1, cache=cache, partners=partners)
    result = lint(Plan(sources, catalogue, execution, catalogue), Silence(), statistics)
    return result, Counter(statistics.counts)


def change_trees(seeds: Iterable[int], steps: int, scratch: Path) -> Counter[str]:
    """Change a tree for each seed; what the runs with a cache counted. Raises Wrong."""
    total: Counter[str] = Counter()
    for seed in seeds:
        with contextlib.ExitStack() as stack:
            for setting in (
                "klplint.kernel.signatures.SETTLED",
                "klplint.index.tree_index.SETTLED",
            ):
                stack.enter_context(mock.patch(setting, 0))
            precompiled = seed % 4 == 0
            least = 2 if precompiled else sys.maxsize
            stack.enter_context(mock.patch("klplint.frontend.precompiled._WORTHWHILE", least))
            root = scratch / str(seed) / "linux"
            root.mkdir(parents=True)
            tree: ChangingTree = RandomHeaderTree(root, seed, precompiled)
            if seed % 3 == 2:
                tree = RandomBarrierTree(root, seed)
            total += change_tree(tree, root, steps)
    return total


def change_tree(tree: ChangingTree, root: Path, steps: int) -> Counter[str]:
    """Change a tree, of which each third run lints a single file.

    Returns what the runs with a cache counted. Raises Wrong.
    """
    total, changes = Counter[str](), list[str]()
    for step in range(steps + 1):
        sources = sorted(root.glob("[!a]*/**/*.c"))
        path = sources[step % len(sources)] if sources and step % 3 == 2 else root
        cached, counts = linted(path, root.parent / "cache", tree.has_partners)
        expected, _ = linted(path, None, tree.has_partners)
        if cached != expected:
            raise Wrong("\n".join([f"{root}, after:", *changes, *difference(cached, expected)]))
        total += counts
        total["results compared"] += 1
        changes.append(tree.change())
    return total


def difference(cached: Result, expected: Result) -> Iterator[str]:
    """The findings that only one of two results has."""
    for name, one, other in (("cached", cached, expected), ("expected", expected, cached)):
        for finding in one.findings:
            if finding not in other.findings:
                place = finding.place
                yield f"{name}: {place.file}:{place.region.line} {finding.function}"


def main() -> None:
    """Change trees as the arguments say."""
    if _AS_ITSELF not in os.environ:  # root reads files that nobody may read
        environment = {**os.environ, _AS_ITSELF: "1"}
        command = [sys.executable, "-m", "tests.random_edits.run", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env=environment, preexec_fn=obey_permissions).returncode)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        seeds = range(arguments.seed, arguments.seed + arguments.trees)
        for name, count in sorted(change_trees(seeds, arguments.steps, Path(scratch)).items()):
            print(f"{count:8,}  {name}")


if __name__ == "__main__":
    main()

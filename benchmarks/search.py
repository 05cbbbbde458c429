"""Ways to find names in the files of a tree: hyperscan, google-re2, re, plain bytes, ripgrep.

    python benchmarks/search.py TREE [--files N] -o docs/search.md

Each looks for whole words in the same files, read before, in one process; ripgrep reads them.

"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import re2

from klplint.index.word_search import Words
from klplint.kernel.excludes import DEFAULT_EXCLUDES
from klplint.kernel.sources import find_sources

_WATCHED = ("smp_rmb", "klp_update_patch_state", "klp_patch_task", "klplint")

Finder = Callable[[Sequence[bytes]], int]


def by_hyperscan(names: Sequence[str]) -> Finder:
    """What klplint does."""
    words = Words(map(re.escape, names))
    return lambda contents: sum(len(words.places(content)) for content in contents)


def by_re2(names: Sequence[str]) -> Finder:
    """google-re2, one automaton for all names."""
    pattern = re2.compile(rb"\b(?:" + "|".join(names).encode() + rb")\b")
    return lambda contents: sum(sum(1 for _ in pattern.finditer(c)) for c in contents)


def by_re(names: Sequence[str]) -> Finder:
    """Python's own regular expressions."""
    pattern = re.compile(rb"\b(?:" + "|".join(names).encode() + rb")\b")
    return lambda contents: sum(len(pattern.findall(content)) for content in contents)


def by_bytes(names: Sequence[str]) -> Finder:
    """Each name by itself, then the words around it."""
    each = [(name.encode(), re.compile(rb"\b%s\b" % name.encode())) for name in names]
    return lambda contents: sum(
        len(word.findall(content)) for content in contents for name, word in each if name in content
    )


def other_names(contents: Sequence[bytes], count: int) -> list[str]:
    """Names of functions as comments have them, some that occur."""
    got = sorted({m[1] for c in contents[:400] for m in re.finditer(rb"\b([a-z_]{8,30})\(", c)})
    return [name.decode() for name in random.Random(1).sample(got, min(count, len(got)))]


def rows(tree: Path, count: int) -> Iterator[str]:
    """A table in Markdown: seconds by way and number of names."""
    sources = find_sources([tree], None, DEFAULT_EXCLUDES)
    files = random.Random(1).sample(sources.files, min(count, len(sources.files)))
    contents = [(tree / file).read_bytes() for file in files]
    many = other_names(contents, 140)
    size = sum(map(len, contents)) >> 20
    yield f"| {len(files):,} files, {size} MiB | {len(_WATCHED)} names | {len(many)} names |"
    yield "|---|---|---|"
    ways = {"hyperscan": by_hyperscan, "google-re2": by_re2, "re": by_re, "bytes": by_bytes}
    for name, way in ways.items():
        cells = []
        for names in (_WATCHED, many):
            start = time.process_time()
            got = way(names)(contents)
            cells.append(f"{time.process_time() - start:.2f} s, {got:,} found")
        yield f"| {name} | {' | '.join(cells)} |"
    if shutil.which("rg"):
        cells = [_by_ripgrep(names, tree, files) for names in (_WATCHED, many)]
        yield f"| ripgrep (reads, two threads) | {' | '.join(cells)} |"


def _by_ripgrep(names: Sequence[str], tree: Path, files: Sequence[str]) -> str:
    command = ["rg", "-w", "-o", "--no-ignore", *(word for name in names for word in ("-e", name))]
    start = time.perf_counter()
    got = 0
    for first in range(0, len(files), 2000):
        some = files[first : first + 2000]
        got += subprocess.run([*command, *some], cwd=tree, capture_output=True).stdout.count(b"\n")
    return f"{time.perf_counter() - start:.2f} s, {got:,} found"


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    lines = rows(options.tree.resolve(), options.files)
    options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

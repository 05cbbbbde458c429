"""Paths that pages name in backquotes: whether they exist.

python tools/mentioned_paths.py PAGE...
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
# A path has a slash and no placeholder: no `drivers/NAME`, no `tests/unit/*`, no command.
_PATH = re.compile(r"`((?:klplint|rules|tests|fixtures|docs|tools)/[a-zA-Z0-9_./-]*)`")


def missing(page: Path) -> Iterator[str]:
    """The lines of a page that name a file or directory that does not exist."""
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), 1):
        for path in _PATH.findall(line):
            if not (ROOT / path).exists():
                yield f"{page}:{number}: {path} does not exist"


def main() -> int:
    """Print what is missing; the exit status is 1 if anything is."""
    problems = [problem for page in sys.argv[1:] for problem in missing(Path(page))]
    print(*problems, sep="\n", end="\n" * bool(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())

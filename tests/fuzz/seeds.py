"""Real files to begin with, read at run time: a kernel's if there is one, else the fixtures'."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import FIXTURES, ROOT

_KERNELS = Path("~/.cache/klplint/kernels").expanduser()
_PARTS = ("kernel", "lib", "mm", "include/linux", "fs", "drivers/base", "net/core")
_MOST = 300
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)


def tree() -> Path | None:
    """A kernel's source tree; None if there is none on this machine."""
    chosen = os.environ.get("KLPLINT_TEST_TREE")
    trees = [Path(chosen)] if chosen else sorted(_KERNELS.glob("linux-source-*/"))
    return next((each for each in trees if (each / "kernel").is_dir()), None)


def sources(most: int = _MOST) -> Iterator[bytes]:
    """The contents of C files, the fixtures first."""
    root = tree()
    directories = [root / part for part in _PARTS] if root else []
    real = sorted(file for directory in directories for file in directory.rglob("*.[ch]"))
    random.Random(1).shuffle(real)
    for file in [*sorted(FIXTURES.rglob("*.[ch]")), *real][:most]:
        yield file.read_bytes()


def comments() -> Iterator[bytes]:
    """Comments that mention barriers or functions."""
    for content in sources():
        for comment in _COMMENT.findall(content):
            if b"barrier" in comment or b"pair" in comment or b"()" in comment:
                yield comment


def toml_files() -> Iterator[bytes]:
    """klplint's rules, and the configurations that its documentation shows."""
    for file in sorted((ROOT / "rules").rglob("*.toml")):
        yield file.read_bytes()
    for page in sorted((ROOT / "docs").rglob("*.md")):
        yield from re.findall(rb"```toml\n(.*?)```", page.read_bytes(), re.DOTALL)

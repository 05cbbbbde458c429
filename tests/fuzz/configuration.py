"""Configuration files and rules: each is read, or refused with the line at fault."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.overrides import overridden
from klplint.catalogue.own_families import with_families
from klplint.catalogue.rule import Header
from klplint.checks.base import Check
from klplint.config.load import read_config
from klplint.errors import ConfigError
from klplint.strict_toml import TomlFile
from tests.fuzz import seeds
from tests.fuzz.harness import Harness

_LARGEST = 512
_RULES = load_catalogue()
_CHECKS: tuple[type[Check], ...] = tuple({type(rule.check): None for rule in _RULES})
# In memory where that is possible: each input is written to a file.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a new directory is made in it
_DIRECTORY = tempfile.TemporaryDirectory(
    prefix="klplint-fuzz-", dir=_MEMORY if _MEMORY.is_dir() else None
)
_FILES = tuple(Path(_DIRECTORY.name) / name for name in ("klplint.toml", "pyproject.toml"))
_KINDS: tuple[type[object], ...] = (Header, *_CHECKS)
_LINE = re.compile(r":(\d+): ")


def check(data: bytes) -> None:
    """Read a content as klplint.toml, as pyproject.toml, and as the data of a check."""
    for file in _FILES:
        file.write_bytes(data)
        try:
            config = read_config(file)
            with_families(overridden(_RULES, config.rule), config.families)
        except ConfigError as error:
            _expect_place(str(error), file, data)
    file = _FILES[0]
    try:
        source = TomlFile.read(file)
        source.decode(_KINDS[len(data) % len(_KINDS)], source.content)
    except ConfigError as error:
        _expect_place(str(error), file, data)


def _expect_place(message: str, file: Path, data: bytes) -> None:
    assert message.startswith(str(file)), message
    place = _LINE.match(message.removeprefix(str(file)))
    lines = data.count(b"\n") + data.count(b"\r") + 1  # a carriage return ends a line, too
    assert place is None or 1 <= int(place[1]) <= lines, message


HARNESS = Harness(
    check=check,
    seeds=lambda: (
        *(content[:_LARGEST] for content in seeds.toml_files()),
        *(b'[rule.KLP001]\nlevel = "note"\n', b'exclude = ["x/"]\njobs = 2\n'),
        *(b'[families.reader]\nx_rmb = "x_wmb"\n[families.writer]\nx_wmb = "x_rmb"\n',),
        *(b'[tool.klplint]\nselect = ["KLP001"]\n', b"[rule.KLP002]\nextend-locks = [{}]\n"),
    ),
    words=(
        *(b"[rule.KLP001]\n", b"[rule.KLP002]\n", b"[[locks]]\n", b"[[safe_locations]]\n"),
        *(
            b"extend-",
            b"accept = ",
            b"level = ",
            b'"note"',
            b"exclude = ",
            b"jobs = ",
            b"[tool.klplint]\n",
        ),
        *(
            b'"""',
            b"'''",
            b"[[",
            b"]]",
            b" = ",
            b"{",
            b"}",
            b"true",
            b"1979-05-27",
            b"inf",
            b'"("',
            b'"\\u0000"',
        ),
        *(b"[families.reader]\n", b"[families.store]\n", b'x_rmb = "smp_wmb"\n', b"x_mb = "),
        *(b"rules = ", b"select = ", b"format = ", b"cache = ", b"patch = ", b"thread_starters = "),
    ),
    largest=_LARGEST,
)

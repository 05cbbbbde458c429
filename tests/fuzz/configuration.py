"""Configuration files and rules: each is read, or refused with the line at fault."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from klplint.catalogue.load import load_catalogue
from klplint.catalogue.overrides import overridden
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
_DIRECTORY = tempfile.TemporaryDirectory(prefix="klplint-fuzz-")
_FILES = tuple(Path(_DIRECTORY.name) / name for name in ("klplint.toml", "pyproject.toml"))
_LINE = re.compile(r":(\d+): ")


def check(data: bytes) -> None:
    """Read a content as klplint.toml, as pyproject.toml, and as the data of each check."""
    for file in _FILES:
        file.write_bytes(data)
        try:
            overridden(_RULES, read_config(file).rule)
        except ConfigError as error:
            _expect_place(str(error), file, data)
    file = _FILES[0]
    try:
        source = TomlFile.read(file)
        kinds: tuple[type[object], ...] = (Header, *_CHECKS)
        for kind in kinds:
            try:
                source.decode(kind, source.content)
            except ConfigError as error:
                _expect_place(str(error), file, data)
    except ConfigError as error:
        _expect_place(str(error), file, data)


def _expect_place(message: str, file: Path, data: bytes) -> None:
    assert message.startswith(str(file)), message
    place = _LINE.match(message.removeprefix(str(file)))
    assert place is None or 1 <= int(place[1]) <= data.count(b"\n") + 1, message


HARNESS = Harness(
    check=check,
    seeds=lambda: (
        *(content[:_LARGEST] for content in seeds.toml_files()),
        *(b'[rule.KLP001]\nlevel = "note"\n', b'exclude = ["x/"]\njobs = 2\n'),
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
        *(b"rules = ", b"select = ", b"format = ", b"cache = ", b"patch = ", b"thread_starters = "),
    ),
    largest=_LARGEST,
)

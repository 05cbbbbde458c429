"""Keys of cached values: digests of all that the values depend on, klplint's code included."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from klplint.source_text import digest, to_bytes

_PACKAGE = str(Path(__file__).parents[1])


def key_of(*parts: object) -> bytes:
    """A key for what depends on `parts`, values that msgspec can encode, and on klplint's code."""
    values = (_code_digest(), *parts)
    try:
        content = msgspec.msgpack.encode(values, order="deterministic")
    except UnicodeEncodeError:  # the name of a file is not UTF-8
        content = to_bytes(repr(msgspec.to_builtins(values, order="deterministic")))
    return digest([content])


@cache
def _code_digest() -> bytes:
    """A digest of klplint's code and data, so that no version uses another one's entries."""
    return digest(_code())


def _code() -> Iterator[bytes]:
    """The names and contents of the package's files, in order. Each run reads them all."""
    for directory, inner, names in os.walk(_PACKAGE):
        inner.sort()
        for name in sorted(names):
            if name.endswith((".py", ".toml", ".h")):
                path = f"{directory}/{name}"
                yield path[len(_PACKAGE) :].encode() + b"\0"
                with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - twice as fast as Path
                    yield file.read()

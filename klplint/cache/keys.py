"""Keys of what is kept: digests of all that it hangs on, klplint's own code included."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec


def key_of(*parts: object) -> bytes:
    """A key for what hangs on `parts`, values that msgspec can encode, and on klplint's code."""
    known = (_own_code(), *parts)
    try:
        content = msgspec.msgpack.encode(known, order="deterministic")
    except UnicodeEncodeError:  # a file's name that is no UTF-8
        plain = msgspec.to_builtins(known, order="deterministic")
        content = repr(plain).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(content, digest_size=16).digest()


@cache
def _own_code() -> bytes:
    """A digest of klplint's own code and data: another version's entries are none of ours."""
    digest = hashlib.blake2b(digest_size=16)
    package = Path(__file__).parents[1]
    for file in sorted(package.rglob("*")):
        if file.suffix in (".py", ".toml", ".h"):
            digest.update(file.relative_to(package).as_posix().encode() + b"\0")
            digest.update(file.read_bytes())
    return digest.digest()

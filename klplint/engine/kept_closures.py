"""What headers depend on, kept between runs: most runs find all headers as they were.

What is kept holds for the signatures of all headers in some directories. So it is only about
headers that lead nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from klplint.engine.include_graph import Closure
from klplint.engine.session import Session


class _Kept(msgspec.Struct, frozen=True):
    """Closures as they are cached. Many of them have the same open names."""

    names: list[frozenset[str]]
    closures: dict[str, tuple[bytes, int, bool]]
    """By the paths from the root: the digest, the number of the open names, whether it is wide."""


def recall_closures(key: bytes, root: str, session: Session) -> dict[str, Closure]:
    """The closures that an earlier run kept for a key, by path."""
    closures = {}
    for kept in session.recall([key], _Kept).values():
        for name, (digest, number, is_wide) in kept.closures.items():
            closures[f"{root}/{name}"] = Closure(digest, kept.names[number], is_wide)
    return closures


def as_kept(root: str, closures: Mapping[str, Closure]) -> object:
    """What to cache for closures, by path, that lead nowhere else."""
    numbers: dict[frozenset[str], int] = {}
    kept = {
        path.removeprefix(f"{root}/"): (
            closure.digest,
            numbers.setdefault(closure.open_names, len(numbers)),
            closure.is_wide,
        )
        for path, closure in closures.items()
    }
    return _Kept(list(numbers), kept)

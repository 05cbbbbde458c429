"""How a directory or an object is built: into vmlinux, as a module, not at all, or either."""

from __future__ import annotations

from typing import NamedTuple


class BuiltPlace(NamedTuple):
    """How a directory or an object is built."""

    value: str
    """`y`, `m`, "" where that is open, `n` where it is not built."""
    condition: str = ""


def strongest(places: list[BuiltPlace]) -> BuiltPlace:
    """Of several places that build the same, the one that counts."""
    return min(places, key=lambda place: ("y", "", "m", "n").index(place.value))


def weaker(outer: BuiltPlace, inner: BuiltPlace) -> BuiltPlace:
    """How what is within two places is built."""
    value = max((outer.value, inner.value), key=("y", "", "m", "n").index)
    return BuiltPlace(value, inner.condition or outer.condition)

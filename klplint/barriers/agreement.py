"""Pairs from both ends: where one comment names B, and what the comment in B names.

Only explicit comments that name functions are compared: one that names nobody disagrees with none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from klplint.barriers.counterparts import Counterpart
from klplint.barriers.pairing import Pair
from klplint.csource.open_names import name_pattern


class OtherEnd(msgspec.Struct, frozen=True):
    """The barrier at the other end of a pair, and what its comment names."""

    function: str
    file: str
    line: int
    barrier: str
    names: tuple[str, ...]
    """The functions that its comment names."""
    agrees: bool
    """Whether a comment of this function names the first end."""


def other_ends(pairs: Sequence[tuple[str, Pair]]) -> list[tuple[OtherEnd, ...]]:
    """For each pair, given with its file, the barriers that its comment leads to."""
    by_function: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
    for file, pair in pairs:
        if pair.barrier.function and pair.reading.pairing == "explicit" and _names(pair):
            by_function[file, pair.barrier.function].append(pair)
    return [tuple(_ends(file, pair, by_function)) for file, pair in pairs]


def _ends(file: str, pair: Pair, by_function: dict[tuple[str, str], list[Pair]]) -> list[OtherEnd]:
    if pair.reading.pairing != "explicit" or not pair.barrier.function:
        return []
    places = dict.fromkeys(
        (definition.path, definition.name)
        for counterpart in _functions(pair)
        for definition in counterpart.definitions
    )
    ends: list[OtherEnd] = []
    for path, function in places:
        others = [each for each in by_function.get((path, function), ()) if _faces(pair, each)]
        agrees = any(_leads_to(each, file, pair) for each in others)
        ends += (
            OtherEnd(
                function, path, each.barrier.region.line, each.barrier.name, _names(each), agrees
            )
            for each in others
        )
    return ends


def _faces(one: Pair, other: Pair) -> bool:
    """Whether two barriers may stand on the two sides of a pair."""
    return one.barrier is not other.barrier and (one.side != other.side or one.side == "either")


def _leads_to(pair: Pair, file: str, target: Pair) -> bool:
    """Whether a comment names the function of a barrier, or one that calls it."""
    function, line = target.barrier.function or "", target.barrier.region.line
    return any(
        re.fullmatch(name_pattern(each.name), function)
        or any(
            held.name == function or (held.path, held.region.line) == (file, line)
            for held in each.barriers
        )
        for each in _functions(pair)
    )


def _functions(pair: Pair) -> list[Counterpart]:
    return [each for each in pair.counterparts if each.kind in ("function", "macro")]


def _names(pair: Pair) -> tuple[str, ...]:
    return tuple(each.name for each in _functions(pair))

"""GitHub's primaryLocationLineHash: a hash of a line and of what follows it.

Source: github/codeql-action, src/fingerprints.ts (vectors in src/fingerprints.test.ts).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from itertools import accumulate
from operator import add

_WINDOW = 100
_BASE = 37
_MODULUS = 1 << 64
# For up to so many lines of a file, text is searched for each of them, which is faster.
_FEW = 8
_END_OF_FILE = "\uffff"


def line_hashes(text: str, lines: Collection[int]) -> dict[int, str]:
    """The hashes of the given lines (counted from 1) of `text`, as "hash:count".

    A line's hash is a polynomial over the 100 UTF-16 units from its start that are neither
    space nor tab; count says how often the same hash occurred in the file up to this line.
    Lines after the end of the text have no hash.
    """
    units = _without_blanks(text.replace("\r\n", "\n").replace("\r", "\n")) + _END_OF_FILE
    count = units.count("\n") + 1
    wanted = {number for number in lines if 0 < number <= count}
    before = units.split("\n", max(wanted, default=0))
    # A line begins behind those before it, each with its line end.
    ends = accumulate(map(len, before))
    starts = [0, *map(add, ends, range(1, len(before) + 1))]
    windows = {n: units[starts[n - 1] : starts[n - 1] + _WINDOW] for n in wanted}
    if len(wanted) <= _FEW:
        return {
            n: f"{_polynomial(window):x}:{_count(window, units, starts[n - 1])}"
            for n, window in windows.items()
        }
    distinct, counts = {*windows.values()}, Counter[str]()
    hashes: dict[int, str] = {}
    for number in range(1, max(wanted) + 1):
        window = units[starts[number - 1] : starts[number - 1] + _WINDOW]
        if window in distinct:
            counts[window] += 1
        if number in wanted:
            hashes[number] = f"{_polynomial(window):x}:{counts[window]}"
    return hashes


def _count(window: str, units: str, start: int) -> int:
    """How many lines begin with a window, up to the one that begins at `start`."""
    count = int(units.startswith(window))
    place = units.find(f"\n{window}", 0, start + len(window))
    while place >= 0:
        count += 1
        place = units.find(f"\n{window}", place + 1, start + len(window))
    return count


def _without_blanks(text: str) -> str:
    """The UTF-16 units of `text` without spaces and tabs."""
    if text.isascii():  # nearly all texts are, and this is many times as fast
        return text.encode().translate(None, b" \t").decode()
    return _utf16_units(text).replace(" ", "").replace("\t", "")


def _utf16_units(text: str) -> str:
    """`text` with each character outside the basic plane as its two surrogates."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        return text
    return "".join(map(chr, memoryview(encoded).cast("H")))


def _polynomial(window: str) -> int:
    """The hash of a window, which is filled up to its full length with NUL."""
    value = 0
    for unit in window.ljust(_WINDOW, "\0"):
        value = (value * _BASE + ord(unit)) % _MODULUS
    return value

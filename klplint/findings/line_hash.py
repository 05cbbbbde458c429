"""GitHub's primaryLocationLineHash: a hash of a line and of what follows it.

Source: github/codeql-action, src/fingerprints.ts (vectors in src/fingerprints.test.ts).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import accumulate

_WINDOW = 100
_BASE = 37
_MODULUS = 1 << 64
_END_OF_FILE = "\uffff"


def line_hashes(text: str, lines: Collection[int]) -> dict[int, str]:
    """The hashes of the given lines (counted from 1) of `text`, as "hash:count".

    A line's hash is a polynomial over the 100 UTF-16 units from its start that are neither
    space nor tab; count says how often the same hash occurred in the file up to this line.
    Lines after the end of the text have no hash.
    """
    units = _without_blanks(text.replace("\r\n", "\n").replace("\r", "\n")) + _END_OF_FILE
    ends = list(accumulate(map(len, units.split("\n"))))  # without the line ends themselves
    hashes: dict[int, str] = {}
    for number in set(lines):
        if 0 < number <= len(ends):
            start = ends[number - 2] + number - 1 if number > 1 else 0
            window = units[start : start + _WINDOW]
            count = 1 + sum(1 for _ in _line_starts(units, window, start))
            hashes[number] = f"{_polynomial(window):x}:{count}"
    return hashes


def _line_starts(units: str, window: str, before: int) -> Iterator[int]:
    """Where lines begin, before an offset, that look like `window`."""
    if before and units.startswith(window):
        yield 0
    place = units.find("\n" + window)
    while 0 <= place < before - 1:
        yield place + 1
        place = units.find("\n" + window, place + 1)


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

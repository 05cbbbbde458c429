"""GitHub's primaryLocationLineHash: tells a line by itself and what follows it.

Source: github/codeql-action, src/fingerprints.ts (vectors in src/fingerprints.test.ts).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

_WINDOW = 100
_BASE = 37
_MODULUS = 1 << 64
_END_OF_FILE = "\uffff"


def line_hashes(text: str, lines: Collection[int]) -> dict[int, str]:
    """The hashes of the given lines (counted from 1) of `text`, as "hash:count".

    A line's hash is a polynomial over the 100 UTF-16 units from its start that are neither
    space nor tab; count says how often the same hash occurred in the file up to this line.
    Lines behind the end of the text have no hash.
    """
    code_units = _utf16_units(text.replace("\r\n", "\n").replace("\r", "\n"))
    units = code_units.replace(" ", "").replace("\t", "") + _END_OF_FILE
    wanted, last = set(lines), max(lines, default=0)
    seen: Counter[str] = Counter()
    hashes: dict[int, str] = {}
    start = 0
    for number in range(1, last + 1):
        window = units[start : start + _WINDOW]
        seen[window] += 1
        if number in wanted:
            hashes[number] = f"{_polynomial(window):x}:{seen[window]}"
        end = units.find("\n", start)
        if end < 0:
            break
        start = end + 1
    return hashes


def _utf16_units(text: str) -> str:
    """`text` with each character outside the basic plane as its two surrogates."""
    if text.isascii():
        return text
    encoded = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(encoded).cast("H")))


def _polynomial(window: str) -> int:
    value = 0
    for unit in window.ljust(_WINDOW, "\0"):
        value = (value * _BASE + ord(unit)) % _MODULUS
    return value

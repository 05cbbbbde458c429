"""Constants that code keeps instead of the result of a test: numbers, enumerators, and bits.

Names in capitals are enumerators, or macros for bits. Two of them count as different values, and
as different bits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WIDEST = 64  # bits of the widest number
_WORDS = {"true": 1, "false": 0, "NULL": 0}
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*")
_BIT = re.compile(r"BIT(?:_ULL)?\s*\(\s*(\d+)\s*\)|1[uUlL]*\s*<<\s*\(?\s*(\d+)\s*\)?")
_NAMED = re.compile(
    r"[A-Z_][A-Z0-9_]*(?:\s*\(\s*[A-Z0-9_]+\s*\))?|1[uUlL]*\s*<<\s*[A-Z_][A-Z0-9_]*"
)

_UPDATE = re.compile(
    r"(?P<variable>[A-Za-z_]\w*(?:(?:->|\.)[A-Za-z_]\w*)*)\s*"
    r"(?:(?P<operator>\|)|&\s*(?P<opened>\()?\s*~)(?P<bits>.+?)(?(opened)\))",
    re.DOTALL,
)


class Constant(NamedTuple):
    """Bits that are set: those of a number, and those that have names."""

    number: int = 0
    names: frozenset[str] = frozenset()

    @property
    def is_true(self) -> bool:
        """Whether it is not zero; an enumerator counts as if it were not."""
        return self != Constant()

    @property
    def is_sure(self) -> bool:
        """Whether it is known to be zero or not: one that is only a name may be zero."""
        return self.number != 0 or not self.names

    def __or__(self, other: Constant) -> Constant:
        """The constant with further bits."""
        return Constant(self.number | other.number, self.names | other.names)

    def without(self, other: Constant) -> Constant:
        """The constant with some bits cleared."""
        return Constant(self.number & ~other.number, self.names - other.names)

    def equals(self, other: Constant) -> bool | None:
        """Whether two constants are the same; None if a name may or may not be a number."""
        if self == other:
            return True
        return None if bool(self.names) != bool(other.names) else False

    def has_any(self, mask: Constant) -> bool | None:
        """Whether some bit of a mask is set; None if a name may or may not be a bit of a number."""
        if self.number & mask.number or self.names & mask.names:
            return True
        is_mixed = (self.names and mask.number) or (self.number and mask.names)
        return None if is_mixed else False


def constant_of(text: str) -> Constant | None:
    """The constant that an expression is, with its bits as in `RING_OPEN | BIT(3)`."""
    result = Constant()
    for part in _without_parentheses(text).split("|"):
        one = _one_constant(_without_parentheses(part))
        if one is None:
            return None
        result |= one
    return result


def _one_constant(text: str) -> Constant | None:
    """A number, a bit or a name."""
    if text in _WORDS:
        return Constant(_WORDS[text])
    if number := _NUMBER.fullmatch(text.removeprefix("-")):
        digits = number[1]
        base = 16 if digits[1:2] in "xX" and len(digits) > 1 else 8 if digits[0] == "0" else 10
        try:
            value = int(digits, base)
        except ValueError:
            return None
        return Constant(-value if text.startswith("-") else value)
    if bit := _BIT.fullmatch(text):
        place = (bit[1] or bit[2]).lstrip("0") or "0"
        is_narrow = len(place) <= len(str(_WIDEST)) and int(place) < _WIDEST
        return Constant(1 << int(place)) if is_narrow else None
    return Constant(0, frozenset({"".join(text.split())})) if _NAMED.fullmatch(text) else None


def _without_parentheses(text: str) -> str:
    """The text without parentheses around the whole of it."""
    bare = text.strip()
    while bare.startswith("(") and bare.endswith(")"):
        inner = bare[1:-1]
        if ")" in inner.partition("(")[0]:
            break
        bare = inner.strip()
    return bare


class Update(NamedTuple):
    """A value that is that of a variable with some bits set, or cleared."""

    variable: str
    bits: Constant
    is_set: bool


def update_in(text: str) -> Update | None:
    """The update that an expression is: `work | RING_SWITCH`, `work & ~(RING_SWITCH)`."""
    update = _UPDATE.fullmatch(text)
    bits = constant_of(update["bits"]) if update else None
    if update is None or bits is None or constant_of(update["variable"]) is not None:
        return None
    is_set = update["operator"] == "|"
    return Update(update["variable"], bits, is_set)

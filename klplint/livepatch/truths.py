"""What a condition says about the tests and variables in it: which are true where it is true."""

from __future__ import annotations

from typing import NamedTuple

from klplint.livepatch.constants import Constant


class Operand(NamedTuple):
    """A test of the flag, or a variable, in a condition."""

    text: str
    word: str
    """A name in the text, to find the operand in the source by."""
    is_test: bool
    flags: str = ""
    """The expression whose bits are tested, as in `flags & _TIF_PATCH_PENDING`."""
    equal: Constant | None = None
    """What a variable is compared with: it counts as true where it has this value."""
    mask: Constant | None = None
    """The bits of a variable that count, as in `work & RING_SWITCH`."""

    def of(self, value: Constant) -> bool | None:
        """Whether this is true of a variable with a value; None if that is not known."""
        if self.equal is not None:
            return value.equals(self.equal)
        return value.is_true if self.mask is None else value.has_any(self.mask)


class Truth(NamedTuple):
    """What a condition says about its operands.

    Of `a && b` and `a || b`, all operands count: each contributes to what is done then.
    """

    true: frozenset[Operand] = frozenset()
    """The operands that are true where the condition is true."""
    false: frozenset[Operand] = frozenset()
    """The operands that are true where the condition is false."""
    if_true: frozenset[tuple[Operand, bool]] = frozenset()
    """What surely is so where the condition is true: operands, and whether they are true."""
    if_false: frozenset[tuple[Operand, bool]] = frozenset()
    """What surely is so where the condition is false."""

    @staticmethod
    def of_variable(operand: Operand) -> Truth:
        """What a condition says that is the value of one variable."""
        sure, otherwise = frozenset({(operand, True)}), frozenset({(operand, False)})
        return Truth(frozenset({operand}), frozenset(), sure, otherwise)

    def and_also(self, other: Truth) -> Truth:
        """What a condition says that is true if both are."""
        true, false = self.true | other.true, self.false | other.false
        return Truth(true, false, self.if_true | other.if_true)

    def or_else(self, other: Truth) -> Truth:
        """What a condition says that is true if one of the two is."""
        return self.negated().and_also(other.negated()).negated()

    def negated(self) -> Truth:
        """What the condition says with `!` before it."""
        return Truth(self.false, self.true, self.if_false, self.if_true)

    def of_part(self, equal: Constant | None = None, mask: Constant | None = None) -> Truth:
        """What a condition says that asks for one value, or for some bits, of a variable."""
        if len(self.true) != 1 or self.false:
            return Truth(self.true, self.false)
        (operand,) = self.true
        if operand.is_test or (operand.equal, operand.mask, equal, mask).count(None) != 3:
            return Truth(self.true)
        return Truth.of_variable(operand._replace(equal=equal, mask=mask))

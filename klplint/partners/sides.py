"""What stands before and after a place in a function, on the ways through that place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.csource.steps import Arm
from klplint.partners.functions import Function

_NEGATED = re.compile(r"\s*\(\s*!\s*[\w(]")
_MOST_STEPS = 60
"""Statements on each side that are looked at: what is farther away says little."""


class Surroundings:
    """The steps around one step of a function, nearest first."""

    def __init__(self, function: Function, number: int) -> None:
        self.function = function
        self.number = number
        self._steps = function.flow.steps
        self._chain = {arm.branch: arm for arm in self._steps[number].arm.chain()}
        self._compiled = function.arms_at(number)
        self._excluded_arms: dict[tuple[Arm, bool], bool] = {}

    def before(self, most: int = _MOST_STEPS) -> Iterator[int]:
        """The numbers of the steps before, but for those in arms that do not lead here."""
        first = max(-1, self.number - 1 - most)
        for number in range(self.number - 1, first, -1):
            if not self._excluded(number, before=True):
                yield number

    def after(self, most: int = _MOST_STEPS) -> Iterator[int]:
        """The numbers of the steps after, up to a return on every way."""
        number, last = self.number + 1, self.number + most
        while number < min(len(self._steps), last):
            target = self._continued_at(number)
            if target is None:
                return
            if target != number:
                last += target - number
                number = target
                continue
            if not self._excluded(number, before=False):
                yield number
                if self._steps[number].is_return and self.is_passed(number):
                    return
            number += 1

    def loop(self) -> tuple[int, int] | None:
        """The first step of the outermost loop around this place, and the last one."""
        loops = [(arm.first, arm.last) for arm in self._chain.values() if arm.is_loop]
        loops += self.function.flow.loops_back
        around = [(first, last) for first, last in loops if first <= self.number < last]
        return (min(a for a, _ in around), max(b for _, b in around) - 1) if around else None

    def exits(self, most: int = _MOST_STEPS) -> Iterator[tuple[Arm, int | None]]:
        """The arms behind this place that control leaves, each with the step where it goes on."""
        labels, seen = self.function.flow.labels, set[Arm]()
        for number in self.after(most):
            for arm in self._steps[number].arm.chain():
                if arm in seen or arm.branch in self._chain or arm.is_loop:
                    continue
                seen.add(arm)
                target = labels.get(arm.label) if arm.jump == "goto" else None
                is_down = target is not None and arm.last <= target < len(self._steps)
                if arm.jump == "return" or is_down:
                    yield arm, target

    def beside(self) -> Iterator[int]:
        """The numbers of the steps on the ways that a condition keeps from this place.

        These are other arms of the branches around it, earlier arms that return, and, if the place
        is in the arm of a condition that is not met (`if (!ready)`), what follows that arm.
        """
        first = max(0, self.number - _MOST_STEPS)
        last = min(len(self._steps), self.number + _MOST_STEPS)
        for number in range(first, last):
            is_beside = self._is_beside(self._steps[number].arm, is_later=number > self.number)
            if is_beside and not self._is_compiled_without(number):
                yield number
        inner = self._steps[self.number].arm
        if self._is_skipped(inner):
            yield from (n for n in range(inner.last, last) if self.is_passed(n))

    def _is_beside(self, arm: Arm, *, is_later: bool) -> bool:
        """Whether an arm excludes this place, by a condition before it."""
        for each in arm.chain():
            mine = self._chain.get(each.branch)
            if mine is not None and mine.number != each.number:
                return True
            if mine is None and each.jump == "return" and not (is_later or each.is_loop):
                return True
        return False

    def _is_skipped(self, arm: Arm) -> bool:
        """Whether an arm is run only if a condition is not met, and what follows in any case."""
        if arm.parent is None or arm.is_loop or arm.number or arm.jump or not arm.first:
            return False
        header = self._steps[arm.first - 1]
        has_else = any(s.arm.branch == arm.branch and s.arm.number for s in self._steps)
        condition = self.function.text[header.start : header.end]
        return not has_else and _NEGATED.match(condition) is not None

    def is_passed(self, number: int) -> bool:
        """Whether every way through the place leads past a step, but for jumps."""
        return all(each.branch in self._chain for each in self._steps[number].arm.chain())

    def _excluded(self, number: int, *, before: bool) -> bool:
        """Whether a step is not on a way through the place, or never compiled with it."""
        arm = self._steps[number].arm
        kept = self._excluded_arms.get((arm, before))
        if kept is None:
            kept = self._excluded_arms[arm, before] = self._excludes(arm, before=before)
        return kept or self._is_compiled_without(number)

    def _excludes(self, arm: Arm, *, before: bool) -> bool:
        """Whether a way through an arm does not lead through the place."""
        each: Arm | None = arm
        while each is not None:
            mine = self._chain.get(each.branch)
            if mine is not None and mine.number != each.number:
                return True
            if before and mine is None and each.jump in ("return", "goto") and not each.is_loop:
                return True
            each = each.parent
        return False

    def _is_compiled_without(self, number: int) -> bool:
        """Whether a step is in another arm of an #if than the place."""
        if not self._compiled:
            return False
        arms = self.function.arms_at(number)
        return any(self._compiled.get(at, arm) != arm for at, arm in arms.items())

    def _continued_at(self, number: int) -> int | None:
        """The step at which control goes on, where arms around the place end before `number`."""
        for arm in self._chain.values():
            if arm.last == number and arm.parent is not None:
                if arm.jump == "return":
                    return None
                if arm.jump == "goto":
                    target = self.function.flow.labels.get(arm.label)
                    return None if target is None or target < number else target
        return number

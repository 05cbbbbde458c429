"""Settings of macros under which the #if conditions around a place hold.

The search is plain backtracking, condition by condition: real files may have many conditions, but
each names only two or three macros. (A solver such as z3 would do as well, at the cost of 30 MB.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import NamedTuple

from klplint.csource.if_conditions import Condition, conditions_at
from klplint.csource.if_expressions import (
    Opaque,
    Value,
    calculated_names,
    compared_with,
    evaluate,
    names_in,
    parse_condition,
)
from klplint.csource.lexer import Directive, Source

_DEFINE = re.compile(r"(\w+)(\()?")
_MOST_STEPS = 200_000
_STEPS_A_CHOICE = 10


@dataclass(frozen=True)
class _Definition:
    """A #define or #undef in the file."""

    at: int
    """The offset of the directive."""
    value: Value
    """The macro's value from there on."""
    under: tuple[Condition, ...]
    """The conditions under which the directive takes effect."""


@dataclass(frozen=True)
class _AnyOf:
    """A goal that is met if one of some conditions holds."""

    conditions: tuple[Condition, ...]


_Goal = Condition | _AnyOf


class _Candidate(NamedTuple):
    """A value that a macro may have at a condition."""

    value: Value
    """The value; None for an undefined macro."""
    goals: tuple[_Goal, ...]
    """What else has to hold for the macro to have it."""
    is_free: bool = False
    """Whether it comes from the configuration, not from a #define in the file."""


class Opener:
    """Finds settings under which conditions in one file hold, starting from a configuration."""

    def __init__(self, source: Source, base: Mapping[str, Value]) -> None:
        """`base` are the macros of the configuration."""
        self._base = base
        self._source = source
        self._definitions: dict[str, list[_Definition]] = {}
        # Of the conditions that are solved at present: themselves, the steps taken so far, the
        # numbers that decide about each macro, the macros that they calculate with, and why no
        # solution may mean nothing.
        self._wanted: frozenset[Condition] = frozenset()
        self._steps = 0
        self._constants: dict[str, set[int]] = {}
        self._calculated: set[str] = set()
        self._doubt = ""

    @cached_property
    def _directives(self) -> dict[str, list[tuple[Directive, Value]]]:
        return _defining_directives(self._source)

    def settings_for(self, conditions: Iterable[Condition]) -> dict[str, Value] | None:
        """Macros whose values have to differ from the configuration's for all conditions to hold.

        None if the conditions contradict each other. Raises Opaque if that cannot be found out.
        """
        wanted = tuple(dict.fromkeys(conditions))
        self._wanted, self._steps, self._doubt = frozenset(wanted), 0, ""
        try:
            for condition in wanted:
                names_in(parse_condition(condition.text))  # raises Opaque
            self._learn_from(wanted)
            # The innermost first: an #elif says more than all the arms before it.
            solution = next(self._solutions(wanted[::-1], {}), None)
        except RecursionError:
            raise Opaque("the conditions around it are nested too deeply to solve") from None
        if solution is None:
            if self._doubt:
                raise Opaque(self._doubt)
            return None
        return {n: value for n, value in sorted(solution.items()) if value != self._base.get(n)}

    def _learn_from(self, wanted: tuple[Condition, ...]) -> None:
        """Collect the numbers that decide the conditions, and the macros they calculate with.

        That is, of the conditions themselves and of those under which the file defines their
        macros.
        """
        self._constants, self._calculated = {}, set()
        seen = set(wanted)
        waiting = list(wanted)
        while waiting:
            condition = waiting.pop()
            try:
                expression = parse_condition(condition.text)
                names = names_in(expression)
            except Opaque:
                continue  # if it matters, the search will find it
            self._calculated |= calculated_names(expression)
            for name in names:
                # A macro that is compared may be tested for zero as well: `A && A < 1`.
                numbers = compared_with(name, expression)
                self._constants.setdefault(name, set()).update(numbers and {-1, 0, 1, *numbers})
                defined = [d for d in self._definitions_of(name) if d.at < condition.at]
                self._spend(sum(len(definition.under) for definition in defined))
                new = {c for definition in defined for c in definition.under} - seen
                seen |= new
                waiting += new

    def _solutions(
        self, goals: tuple[_Goal, ...], fixed: dict[str, Value]
    ) -> Iterator[dict[str, Value]]:
        """Settings that extend `fixed` and meet all `goals`."""
        if not goals:
            yield fixed
            return
        first, rest = goals[0], goals[1:]
        if isinstance(first, _AnyOf):
            for condition in first.conditions:
                yield from self._solutions((condition, *rest), fixed)
            return
        for chosen in self._ways(first, fixed):
            extra = (g for candidate in chosen.values() for g in candidate.goals if g not in rest)
            free = {name: c.value for name, c in chosen.items() if c.is_free}
            yield from self._solutions((*dict.fromkeys(extra), *rest), {**fixed, **free})

    def _ways(
        self, condition: Condition, fixed: dict[str, Value]
    ) -> Iterator[dict[str, _Candidate]]:
        """Values of a condition's macros under which it holds, the most usual ones first."""
        try:
            expression = parse_condition(condition.text)
            names = sorted(names_in(expression))
        except Opaque as problem:
            self._doubt = self._doubt or str(problem)
            return
        for choice in _choices([self._candidates(n, condition, fixed) for n in names]):
            self._spend(_STEPS_A_CHOICE)
            values = {name: c.value for name, c in zip(names, choice, strict=True)}
            try:
                holds = bool(evaluate(expression, values)) == condition.wanted
            except Opaque as problem:
                self._doubt = self._doubt or str(problem)
                return
            if holds:
                yield dict(zip(names, choice, strict=True))

    def _candidates(
        self, name: str, condition: Condition, fixed: dict[str, Value]
    ) -> list[_Candidate]:
        """The values that a macro may have at a condition.

        They come from the #defines before it, the last one first, each with the goal that those
        behind it do not take effect; and from the configuration, unless a #define always does.
        """
        candidates: list[_Candidate] = []
        passed_over: tuple[_Goal, ...] = ()
        for definition in reversed(self._definitions_of(name)):
            if definition.at > condition.at:
                continue
            self._spend(len(definition.under))
            candidates.append(_Candidate(definition.value, (*definition.under, *passed_over)))
            avoidable = tuple(_negated(c) for c in definition.under if c not in self._wanted)
            if not avoidable:
                return candidates  # this #define always overrides what came before
            passed_over = (_AnyOf(avoidable), *passed_over)
        if name in fixed:
            return [*candidates, _Candidate(fixed[name], passed_over, is_free=True)]
        if name in self._calculated:
            self._doubt = self._doubt or f"the condition does arithmetic with {name}"
        numbers = sorted(self._constants.get(name, ()), key=lambda number: (number < 0, number))
        values = dict.fromkeys([self._base.get(name), 1, None, 0, *numbers])
        return candidates + [_Candidate(value, passed_over, is_free=True) for value in values]

    def _definitions_of(self, name: str) -> list[_Definition]:
        """The #defines and #undefs of a macro in the file, found when they are first needed."""
        if name not in self._definitions:
            self._definitions[name] = [
                _Definition(d.start, value, conditions_at(self._source, d.start))
                for d, value in self._directives.get(name, ())
            ]
        return self._definitions[name]

    def _spend(self, steps: int) -> None:
        """Count steps of the search. Raises Opaque if they are too many."""
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise Opaque("there are too many conditions around it to solve")


def _choices(candidates: list[list[_Candidate]]) -> Iterator[tuple[_Candidate, ...]]:
    """One candidate for each macro; first those choices in which most are the macro's first one."""
    indices = range(len(candidates))
    for changes in range(len(candidates) + 1):
        for changed in combinations(indices, changes):
            options = [c[1:] if i in changed else c[:1] for i, c in enumerate(candidates)]
            yield from product(*options)


def _negated(condition: Condition) -> Condition:
    return replace(condition, wanted=not condition.wanted)


def _defining_directives(source: Source) -> dict[str, list[tuple[Directive, Value]]]:
    """By macro, the directives that define it as a number or undefine it, in order.

    #defines of expressions are left out.
    """
    directives: dict[str, list[tuple[Directive, Value]]] = {}
    for directive in source.directives:
        head = _DEFINE.match(directive.rest)
        if directive.keyword not in ("define", "undef") or head is None or head[2]:
            continue
        value = None
        if directive.keyword == "define":
            value = _number(directive.rest[head.end() :].strip())
            if value is None:
                continue
        directives.setdefault(head[1], []).append((directive, value))
    return directives


def _number(body: str) -> int | None:
    """The number that a macro's body is; 1 if it is empty, None if it is not a number."""
    if not body:
        return 1
    if not body.lstrip("(-~ ")[:1].isdigit():
        return None
    try:
        expression = parse_condition(body)
        return None if names_in(expression) else evaluate(expression, {})
    except (Opaque, RecursionError):
        return None

"""Settings of macros that open the #if conditions around a place.

The search is plain backtracking, condition by condition: those of real files may be many, but
each names two or three macros. (A solver such as z3 would do as well, at the cost of 30 MB.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from klplint.conditions import Condition, conditions_at
from klplint.lexer import Source
from klplint.macro_values import Opaque, Value, compared_with, evaluate, names_in, parse_condition

_DEFINE = re.compile(r"(\w+)(\()?")
_NUMBER = re.compile(r"\(*\s*(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\s*\)*")
_MOST_STEPS = 20_000


@dataclass(frozen=True)
class _Definition:
    """A #define or #undef in the file: the macro's value from `at` on, if `under` holds."""

    at: int
    value: Value
    under: tuple[Condition, ...]


class _Candidate(NamedTuple):
    """A value that a macro may have at a condition, and what else has to hold for that."""

    value: Value
    under: tuple[Condition, ...] = ()


class Opener:
    """Finds settings that open conditions in one file, starting from a base configuration."""

    def __init__(self, source: Source, base: Mapping[str, Value]) -> None:
        self._base = base
        self._definitions = _definitions(source)
        self._steps = 0
        self._constants: dict[str, set[int]] = {}

    def settings_for(self, conditions: Iterable[Condition]) -> dict[str, Value] | None:
        """Values of macros, where they differ from the base, under which all conditions hold.

        None where they contradict each other. Raises Opaque where that cannot be told.
        """
        wanted = tuple(dict.fromkeys(conditions))
        self._steps = 0
        self._constants = _constants(wanted)
        solution = next(self._solutions(wanted, {}), None)
        if solution is None:
            return None
        return {name: v for name, v in sorted(solution.items()) if v != self._base.get(name)}

    def _solutions(
        self, conditions: tuple[Condition, ...], fixed: dict[str, Value]
    ) -> Iterator[dict[str, Value]]:
        """Settings for all `conditions` that agree with `fixed`."""
        if not conditions:
            yield fixed
            return
        first, rest = conditions[0], conditions[1:]
        expression = parse_condition(first.text)
        names = sorted(names_in(expression))
        for choice in self._choices([self._candidates(n, first, fixed) for n in names]):
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise Opaque("the conditions around it are too many to work out")
            values = {name: c.value for name, c in zip(names, choice, strict=True)}
            if bool(evaluate(expression, values)) == first.wanted:
                extra = tuple(c for chosen in choice for c in chosen.under if c not in rest)
                free = {n: v for n, v in values.items() if not self._is_own(n, first)}
                yield from self._solutions((*extra, *rest), {**fixed, **free})

    def _choices(self, candidates: list[list[_Candidate]]) -> Iterator[tuple[_Candidate, ...]]:
        """One candidate for each macro; the fewest that are not the first of their kind first."""
        indices = range(len(candidates))
        for changes in range(len(candidates) + 1):
            for changed in combinations(indices, changes):
                options = [c[1:] if i in changed else c[:1] for i, c in enumerate(candidates)]
                yield from product(*options)

    def _candidates(
        self, name: str, condition: Condition, fixed: dict[str, Value]
    ) -> list[_Candidate]:
        found = []
        for definition in reversed(self._definitions.get(name, [])):
            if definition.at < condition.at:
                found.append(_Candidate(definition.value, definition.under))
                if not definition.under:
                    return found  # whatever went before is overwritten
        if name in fixed:
            return [*found, _Candidate(fixed[name])]
        values = [self._base.get(name), 1, None, *sorted(self._constants.get(name, ()))]
        return found + [_Candidate(value) for value in dict.fromkeys(values)]

    def _is_own(self, name: str, condition: Condition) -> bool:
        """Whether the file itself gives a macro its value before a condition."""
        return any(d.at < condition.at for d in self._definitions.get(name, []))


def _constants(conditions: Iterable[Condition]) -> dict[str, set[int]]:
    """For each macro, the numbers that decide the comparisons it stands in."""
    found: dict[str, set[int]] = {}
    for condition in conditions:
        expression = parse_condition(condition.text)
        for name in names_in(expression):
            found.setdefault(name, set()).update(compared_with(name, expression))
    return found


def _definitions(source: Source) -> dict[str, list[_Definition]]:
    """What the file itself makes of each macro that stands for a number, or for nothing."""
    found: dict[str, list[_Definition]] = {}
    for directive in source.directives:
        if directive.keyword not in ("define", "undef"):
            continue
        head = _DEFINE.match(directive.rest)
        if head is None or head[2]:
            continue
        body = directive.rest[head.end() :].strip()
        number = _NUMBER.fullmatch(body)
        if directive.keyword == "define" and body and not number:
            continue  # stands for an expression: unknown here
        value = None if directive.keyword == "undef" else int(number[1], 0) if number else 1
        under = conditions_at(source, directive.start)
        found.setdefault(head[1], []).append(_Definition(directive.start, value, under))
    return found

"""Uses of names grouped by the `#if` conditions around them: each group needs one more parse.

Settings of macros that open the conditions come first. Where settings do not help, because a
header overrides them or only a compiler knows what a condition asks, the conditions themselves
are forced in the text that libclang gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from klplint.csource.if_conditions import Condition, conditions_at, guards_of
from klplint.csource.if_expressions import Opaque, Value
from klplint.csource.if_solver import Opener
from klplint.csource.lexer import Source
from klplint.csource.outline import Use

# Conditions to solve for one file; a chain of hundreds of arms would take minutes otherwise.
_MOST_CONDITIONS = 20_000
# Conditions around one use. Each arm of a chain has those of all arms before it.
_MOST_AROUND = 500


class UseGroup(NamedTuple):
    """Uses to look for in one parse, and what that parse changes so that they are compiled."""

    uses: list[Use]
    settings: Mapping[str, Value] = {}
    """Macros to set; None undefines one."""
    forced: Mapping[int, bool] = {}
    """Directives, by their offsets, that become `#if 1` or `#if 0`."""


class ConditionGroups:
    """The conditions of one file, and what opens them."""

    def __init__(self, source: Source, settings: Mapping[str, Value]) -> None:
        """`settings` are the macros of the configuration that the file is compiled with."""
        self._source = source
        self._opener = Opener(source, settings)
        self._solved: dict[tuple[Condition, ...], dict[str, Value] | None] = {}
        self._conditions = 0
        self._guards = guards_of(source)

    def by_settings(self, uses: Iterable[Use], most: int) -> list[UseGroup]:
        """The uses that settings can open, in groups that agree on settings.

        The search stops once there are more than `most` groups.
        """
        groups: list[tuple[tuple[Condition, ...], UseGroup]] = []
        for use in uses:
            if len(groups) > most:
                break
            conditions = conditions_at(self._source, use.start)
            alone = self._settings(conditions)
            if not alone:  # contradictory, opaque, or open already: settings do not help
                continue
            for index, (together, group) in enumerate(groups):
                joined = self._settings((*together, *conditions))
                if joined:
                    group.uses.append(use)
                    groups[index] = (*together, *conditions), UseGroup(group.uses, joined)
                    break
            else:
                groups.append((conditions, UseGroup([use], alone)))
        return [group for _, group in groups]

    def by_forcing(self, uses: Iterable[Use], most: int) -> Iterator[UseGroup]:
        """The uses whose conditions can be forced, in groups that agree on their directives.

        There are no more than `most` groups; uses that fit none of them are left out.
        """
        groups: list[tuple[dict[int, bool], list[Use]]] = []
        for use in uses:
            conditions = conditions_at(self._source, use.start)
            if not 0 < len(conditions) <= _MOST_AROUND or self.is_contradictory(use):
                continue
            arms = self._arms(use)
            for forced, members in groups:
                if all(forced.get(offset, value) == value for offset, value in arms.items()):
                    forced.update(arms)
                    members.append(use)
                    break
            else:
                if len(groups) < most:
                    groups.append((arms, [use]))
        for arms, members in groups:
            conditions = conditions_at(self._source, members[0].start)
            yield UseGroup(members, self._settings(conditions) or {}, arms)

    def is_contradictory(self, use: Use) -> bool:
        """Whether no configuration compiles a use; False where that cannot be solved."""
        try:
            return self._solve(conditions_at(self._source, use.start)) is None
        except Opaque:
            return False

    def _settings(self, conditions: tuple[Condition, ...]) -> dict[str, Value] | None:
        """Settings that open `conditions`; None where there are none, or none can be found."""
        try:
            return self._solve(conditions)
        except Opaque:
            return None

    def _solve(self, conditions: tuple[Condition, ...]) -> dict[str, Value] | None:
        """Settings that open `conditions`, None where they contradict; Opaque if too many."""
        if len(conditions) > _MOST_AROUND:
            raise Opaque("the conditions around it are too many to work out")
        if conditions not in self._solved:
            self._conditions += len(conditions)
            if self._conditions > _MOST_CONDITIONS:
                raise Opaque("there are too many conditions in the file to solve")
            self._solved[conditions] = self._opener.settings_for(conditions)
        return self._solved[conditions]

    def _arms(self, use: Use) -> dict[int, bool]:
        """Which way each #if and #elif around a use has to go; include guards are left alone."""
        return {
            condition.at: condition.arm_is_taken
            for condition in conditions_at(self._source, use.start)
            if condition.at not in self._guards
        }


def with_forced(source: Source, text: str, forced: Mapping[int, bool]) -> str:
    """The `text` of a source with some conditions replaced by 1 or 0, all else in its place."""
    pieces, last = [], 0
    for directive in source.directives:
        if directive.start in forced:
            keyword = "elif" if directive.keyword.startswith("elif") else "if"
            line = f"#{keyword} {int(forced[directive.start])}"
            old = text[directive.start : directive.end]
            if len(old) < len(line) or set(old[: len(line)]) & set("\r\n"):
                continue  # `#if` and no more, or a line that goes on within the word
            # Line ends within the directive stay, so that all lines keep their numbers.
            rest = "".join(c if c in "\r\n" else " " for c in old)[len(line) :]
            pieces += [text[last : directive.start], line, rest]
            last = directive.end
    return "".join(pieces) + text[last:]

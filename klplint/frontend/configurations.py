"""One parse sees one configuration: further parses for what the first one did not reach.

For each place that was missed, settings are worked out that open the #if conditions around it;
places whose conditions agree share a parse. Where settings do not help, for a header overrides
them or only a compiler knows what a condition asks, the conditions themselves are forced in the
text that libclang gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from klplint.csource.if_conditions import Condition, conditions_at, guards_of, is_dead
from klplint.csource.if_expressions import Opaque, Value
from klplint.csource.if_solver import Opener
from klplint.csource.lexer import Source
from klplint.csource.outline import Use
from klplint.frontend.parse import Meaning, ParseError, TranslationUnitView
from klplint.kernel.compile_unit import Unit
from klplint.kernel.compiler_arguments import arguments_for
from klplint.kernel.header_wrapper import wrapper_for

_FORCED = "#if lines forced"
_MOST_PARSES = 16
# Conditions worked out for one file; a chain of hundreds of arms would take minutes otherwise.
_MOST_CONDITIONS = 20_000


class Lean(NamedTuple):
    """A source's text without what its uses do not need, and the function around each use.

    Behind a prefix a macro of headers that the file does not include may give a function another
    name: it has to be the one that is written.
    """

    text: str
    functions: Mapping[int, str]


class Reached(NamedTuple):
    """What the AST says of a use, and which parse said it."""

    meaning: Meaning
    view: TranslationUnitView
    variant: str


@dataclass
class Reach:
    """The outcome for one file: uses reached, by offset, and for the others the reason.

    `dead` are those that no configuration compiles.
    """

    reached: dict[int, Reached] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    problem: str = ""
    parses: int = 0

    def add(self, other: Reach) -> None:
        """Take in what was reached for other uses of the same file."""
        self.reached |= other.reached
        self.reasons |= other.reasons
        self.dead |= other.dead
        self.problem = self.problem or other.problem
        self.parses += other.parses


def reach(
    unit: Unit, source: Source, uses: Iterable[Use], macros: bool = False, lean: Lean | None = None
) -> Reach:
    """Parse the file as often as it takes to reach `uses`: of macros, or of other names.

    Where there is a prefix, `lean` is parsed behind that first, and the file by itself only for
    what was not reached so.
    """
    search = _Search(unit, source, macros, lean)
    missed = search.find(list(uses))
    if search.is_quick:
        search.take_time()
        search.find([use for use in missed if not search.is_contradictory(use)])
    search.explain(missed)
    return search.outcome


def _setting(item: tuple[str, Value]) -> str:
    name, value = item
    return f"!{name}" if value is None else name if value == 1 else f"{name}={value}"


class _Search:
    """One file on its way through the parses that it takes."""

    def __init__(self, unit: Unit, source: Source, macros: bool, lean: Lean | None) -> None:
        self._macros = macros
        self._source = source
        self._lean = lean if unit.prefix else None
        self._unit = unit if self._lean else unit._replace(prefix=None)
        self._earlier = 0
        self._opener = Opener(source, unit.platform.settings)
        self._opened: set[int] = set()
        self._solved: dict[tuple[Condition, ...], dict[str, Value] | None] = {}
        self._conditions = 0
        self.outcome = Reach()

    @property
    def is_quick(self) -> bool:
        """Whether the file is parsed behind a prefix."""
        return self._unit.prefix is not None

    def take_time(self) -> None:
        """Parse the file by itself from now on, as often as if it had not been parsed yet."""
        self._unit = self._unit._replace(prefix=None)
        self._lean = None
        self._earlier = self.outcome.parses

    def find(self, uses: list[Use]) -> list[Use]:
        """Parse as often as it takes; the uses that were not reached."""
        missed = self.parse(uses, {}, self._unit.platform.name)
        for settings, group in self.grouped(missed):
            if self._is_spent():
                break
            name = " ".join([self._unit.platform.name, *map(_setting, settings.items())])
            self.parse(group, settings, name)
        self.force([use for use in missed if use.start not in self.outcome.reached])
        return [use for use in missed if use.start not in self.outcome.reached]

    @property
    def _text(self) -> str:
        return self._lean.text if self._lean else self._source.text

    def _is_as_written(self, use: Use, meaning: Meaning) -> bool:
        """Whether a use was found in the function that it is written in."""
        written = self._lean.functions.get(use.start) if self._lean else None
        return None in (written, meaning.function) or written == meaning.function

    def is_contradictory(self, use: Use) -> bool:
        """Whether no configuration compiles a use."""
        return self._contradiction(conditions_at(self._source, use.start))

    def _is_spent(self) -> bool:
        return self.outcome.parses - self._earlier >= _MOST_PARSES

    def parse(
        self, uses: list[Use], settings: Mapping[str, Value], name: str, text: str | None = None
    ) -> list[Use]:
        """Parse once and ask for `uses`; those that this parse does not reach."""
        if not uses or self.outcome.problem:
            return uses
        self.outcome.parses += 1
        if settings or text is not None:
            self._opened |= {use.start for use in uses}
        arguments, unsaved = arguments_for(self._unit, settings, self._source)
        wrapper = None if self.is_quick else wrapper_for(self._unit.file, self._source)
        # A header that the prefix has read cannot be another text under the same name.
        path = self._unit.file
        path = path.with_name(f".klplint-{path.name}") if self.is_quick else path
        try:
            view = TranslationUnitView(
                path,
                self._source,
                arguments,
                wrapper,
                unsaved,
                self._text if text is None else text,
                self._macros,
            )
        except ParseError as error:
            if self.is_quick:
                return uses
            if self._unit.commands is not None:  # clang refuses what a database says of the file
                self._unit = self._unit._replace(commands=None)
                return self.parse(uses, settings, name, text)
            if not self.outcome.reached:
                self.outcome.problem = f"libclang cannot parse this file ({error})"
            return uses
        missed = []
        for use in uses:
            meaning = view.meaning(use.name, use.start)
            if meaning is None or not self._is_as_written(use, meaning):
                missed.append(use)
            else:
                self.outcome.reached[use.start] = Reached(meaning, view, name)
        return missed

    def grouped(self, missed: list[Use]) -> list[tuple[dict[str, Value], list[Use]]]:
        """The missed uses that settings can open, those together that agree on settings."""
        groups: list[tuple[tuple[Condition, ...], dict[str, Value], list[Use]]] = []
        for use in missed:
            if len(groups) > _MOST_PARSES:
                break
            conditions = conditions_at(self._source, use.start)
            alone = self._settings(conditions)
            if not alone:  # contradictory, opaque, or open already: settings do not help
                continue
            for place, (together, _, members) in enumerate(groups):
                joined = self._settings((*together, *conditions))
                if joined:
                    groups[place] = ((*together, *conditions), joined, [*members, use])
                    break
            else:
                groups.append((conditions, alone, [use]))
        return [(settings, members) for _, settings, members in groups]

    def _settings(self, conditions: tuple[Condition, ...]) -> dict[str, Value] | None:
        try:
            return self._solve(conditions)
        except Opaque:
            return None

    def _solve(self, conditions: tuple[Condition, ...]) -> dict[str, Value] | None:
        """Settings that open `conditions`, None where they contradict; Opaque if too many."""
        if conditions not in self._solved:
            self._conditions += len(conditions)
            if self._conditions > _MOST_CONDITIONS:
                raise Opaque("there are too many conditions in the file to solve")
            self._solved[conditions] = self._opener.settings_for(conditions)
        return self._solved[conditions]

    def force(self, missed: list[Use]) -> None:
        """Parse with the conditions around `missed` forced, where they do not contradict."""
        for group in self._forcible_groups(missed):
            forced = {start: value for use in group for start, value in self._arms(use).items()}
            if not self._is_spent():
                settings = self._settings(conditions_at(self._source, group[0].start)) or {}
                text = _with_forced(self._source, self._text, forced)
                self.parse(group, settings, f"{self._unit.platform.name} {_FORCED}", text)

    def _forcible_groups(self, missed: list[Use]) -> list[list[Use]]:
        groups: list[tuple[dict[int, bool], list[Use]]] = []
        for use in missed:
            conditions = conditions_at(self._source, use.start)
            if not conditions or self._contradiction(conditions):
                continue
            arms = self._arms(use)
            for forced, members in groups:
                if all(forced.get(start, value) == value for start, value in arms.items()):
                    forced.update(arms)
                    members.append(use)
                    break
            else:
                groups.append((arms, [use]))
        return [members for _, members in groups]

    def _arms(self, use: Use) -> dict[int, bool]:
        """Which way each #if and #elif around a use has to go; include guards are left alone."""
        guards = guards_of(self._source)
        return {
            condition.at: condition.arm_is_taken
            for condition in conditions_at(self._source, use.start)
            if condition.at not in guards
        }

    def _contradiction(self, conditions: tuple[Condition, ...]) -> bool:
        try:
            return self._solve(conditions) is None
        except Opaque:
            return False

    def explain(self, missed: list[Use]) -> None:
        """Say of each use that no parse reached why not."""
        for use in missed:
            if use.start in self.outcome.reached:
                continue
            conditions = conditions_at(self._source, use.start)
            if self.outcome.problem:
                reason = self.outcome.problem
            elif is_dead(conditions):
                self.outcome.dead.add(use.start)
                reason = "disabled by #if 0"
            elif self._contradiction(conditions):
                self.outcome.dead.add(use.start)
                reason = f"the conditions around it contradict each other: {_listed(conditions)}"
            elif self._is_spent() and use.start not in self._opened:
                reason = f"the file's conditions need more than {_MOST_PARSES} parses"
            else:
                reason = (
                    "not in libclang's AST: a macro removes the code, "
                    "or the code around it does not parse"
                )
            self.outcome.reasons[use.start] = reason


def _listed(conditions: tuple[Condition, ...]) -> str:
    return " and ".join(map(str, conditions))


def _with_forced(source: Source, text: str, forced: Mapping[int, bool]) -> str:
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

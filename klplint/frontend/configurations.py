"""One parse sees one configuration: a file is parsed again for the uses that a parse does not show.

The first parse has the architecture's configuration. The uses that it does not show are grouped
by what opens the #if conditions around them (see `condition_groups`); each group takes one parse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.lexer import Source
from klplint.csource.outline import Use
from klplint.facts.parse_variant import ForcedCondition, MacroSetting, ParseVariant
from klplint.frontend.condition_groups import ConditionGroups, UseGroup, with_forced
from klplint.frontend.header_macros import HeaderMacros
from klplint.frontend.parse import Meaning, ParseError, ParseInput, TranslationUnitView
from klplint.frontend.trimmed_text import TrimmedText
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import arguments_for
from klplint.kernel.header_wrapper import wrapper_for

_MOST_PARSES = 16


class AstUse(NamedTuple):
    """What the AST says of a use, and which parse said it."""

    meaning: Meaning
    view: TranslationUnitView
    parse: ParseVariant


@dataclass
class AstUses:
    """What the parses of one file showed of its uses. Keys are the offsets of uses."""

    by_offset: dict[int, AstUse] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    """Why no parse showed a use."""
    dead: set[int] = field(default_factory=set)
    """The uses that no configuration compiles."""
    problem: str = ""
    """Why the file cannot be parsed at all; empty if it can."""
    parses: int = 0

    def add(self, other: AstUses) -> None:
        """Add what was found out about other uses of the same file."""
        self.by_offset |= other.by_offset
        self.reasons |= other.reasons
        self.dead |= other.dead
        self.problem = self.problem or other.problem
        self.parses += other.parses


def find_in_ast(
    unit: CompileUnit,
    source: Source,
    uses: Iterable[Use],
    headers: HeaderMacros,
    macros: bool = False,
    trimmed: Sequence[TrimmedText] = (),
) -> AstUses:
    """Parse a file as often as it takes to find `uses` in its AST.

    With `macros`, the uses may be those of macros. With a precompiled header, the `trimmed` texts
    are parsed first, each for the uses that those before it do not show, and the file without a
    precompiled header only for what none of them shows.
    """
    search = _Search(unit, source, headers, macros)
    missed = list(uses)
    texts = trimmed if unit.precompiled else ()
    for text in texts:
        search.parse_text(text)
        search.find(missed, can_force=text.has_includes)
        missed = search.still_missed(missed)
    search.parse_whole_file()
    trimmed_away = texts and texts[-1].has_includes and not texts[-1].is_whole
    search.find([u for u in missed if not (trimmed_away and search.groups.is_contradictory(u))])
    search.explain(missed)
    return search.result


class _Search:
    """The search for the uses of one file, parse by parse."""

    def __init__(
        self, unit: CompileUnit, source: Source, headers: HeaderMacros, macros: bool
    ) -> None:
        self._headers = headers
        self._macros = macros
        self._source = source
        self._trimmed: TrimmedText | None = None
        self._unit = unit
        self._earlier_parses = 0
        self._tried: set[int] = set()
        self._absent: set[int] = set()
        """The uses that are nowhere in the whole file as it is parsed first."""
        self.groups = ConditionGroups(source, unit.target.settings)
        self.result = AstUses()

    @property
    def is_trimmed(self) -> bool:
        """Whether a trimmed text is parsed, behind a precompiled header."""
        return self._trimmed is not None

    def parse_text(self, trimmed: TrimmedText) -> None:
        """Parse a trimmed text from now on, as often as if the file had not been parsed yet."""
        self._trimmed = trimmed
        self._earlier_parses = self.result.parses

    def parse_whole_file(self) -> None:
        """Parse the file as it is from now on, as often as if it had not been parsed yet."""
        self._unit = msgspec.structs.replace(self._unit, precompiled=None)
        self._trimmed = None
        self._earlier_parses = self.result.parses

    def find(self, uses: list[Use], can_force: bool = True) -> None:
        """Parse as often as it takes, with other settings and, with `can_force`, other arms."""
        self._parse(UseGroup([use for use in uses if use.start not in self._absent]))
        missed = self.still_missed(uses)
        if self._trimmed and self._trimmed.is_whole:
            return
        for group in self.groups.by_settings(missed, _MOST_PARSES):
            self._parse_further(group)
        missed = self.still_missed(missed)
        for group in self.groups.by_forcing(missed, _MOST_PARSES) if can_force else ():
            self._parse_further(group)

    def still_missed(self, uses: Iterable[Use]) -> list[Use]:
        """Those of `uses` that no parse has shown so far."""
        return [use for use in uses if use.start not in self.result.by_offset]

    @property
    def _has_no_parses_left(self) -> bool:
        return self.result.parses - self._earlier_parses >= _MOST_PARSES

    def _parse_further(self, group: UseGroup) -> None:
        if not self._has_no_parses_left:
            self._tried |= {use.start for use in group.uses}
            self._parse(group)

    def _parse(self, group: UseGroup) -> list[Use]:
        """Parse once and look for a group's uses; those that this parse does not show."""
        if not group.uses or self.result.problem:
            return group.uses
        self.result.parses += 1
        try:
            view = TranslationUnitView(self._source, self._input(group))
        except ParseError as error:
            return self._without_view(group, error)
        variant = self._variant(group)
        missed = []
        for use in group.uses:
            meaning = view.meaning(use.name, use.start)
            if meaning is None or not self._is_certain(use, meaning):
                missed.append(use)
                if meaning is None and self._trimmed and self._trimmed.is_whole:
                    self._absent.add(use.start)
            else:
                self.result.by_offset[use.start] = AstUse(meaning, view, variant)
        return missed

    def _input(self, group: UseGroup) -> ParseInput:
        """What libclang gets to parse for a group."""
        file = self._unit.file
        text = self._trimmed.text if self._trimmed else self._source.text
        is_whole = self._trimmed is None or self._trimmed.is_whole
        guards = self._headers.own_guards if self._unit.precompiled else ()
        shortens = self._trimmed is not None and self._trimmed.has_includes and not is_whole
        arguments, unsaved = arguments_for(self._unit, group.settings, guards, shortens)
        return ParseInput(
            # A header that is precompiled already cannot have another text under the same name.
            file=file if is_whole else file.with_name(f".klplint-{file.name}"),
            arguments=arguments,
            unsaved=unsaved,
            wrapper=wrapper_for(file, self._source) if is_whole else None,
            text=with_forced(self._source, text, group.forced) if group.forced else text,
            macros=self._macros,
            # What the first parse showed is still asked for when the others are done.
            is_repeated=self._unit.is_repeated and self.result.parses == 1,
        )

    def _without_view(self, group: UseGroup, error: ParseError) -> list[Use]:
        """What follows when libclang cannot parse: another try, or the end of the search."""
        if self.is_trimmed:
            return group.uses
        if self._unit.commands is not None:  # clang refuses what a database says of the file
            self._unit = msgspec.structs.replace(self._unit, commands=None)
            return self._parse(group)
        if not self.result.by_offset:
            self.result.problem = f"libclang cannot parse this file ({error})"
        return group.uses

    def _variant(self, group: UseGroup) -> ParseVariant:
        """The configuration in which a group is parsed."""
        forced = [(self._source.position(at)[0], value) for at, value in group.forced.items()]
        return ParseVariant(
            self._unit.target.name,
            tuple(MacroSetting(name, value) for name, value in group.settings.items()),
            tuple(ForcedCondition(line, value) for line, value in sorted(forced)),
        )

    def _is_certain(self, use: Use, meaning: Meaning) -> bool:
        """Whether a parse of the file as it is would show the same."""
        if self._trimmed is None:
            return True
        has_types = self._trimmed.has_includes or _needs_no_types(use, meaning)
        return has_types and self._trimmed.is_in_its_function(use, meaning.function)

    def explain(self, missed: Iterable[Use]) -> None:
        """Say of each use that no parse showed why not."""
        for use in self.still_missed(missed):
            if not self.result.problem and self._is_dead(use):
                self.result.dead.add(use.start)
            self.result.reasons[use.start] = self._reason(use)

    def _is_dead(self, use: Use) -> bool:
        conditions = conditions_at(self._source, use.start)
        return is_dead(conditions) or self.groups.is_contradictory(use)

    def _reason(self, use: Use) -> str:
        """Why no parse showed a use."""
        conditions = conditions_at(self._source, use.start)
        if self.result.problem:
            return self.result.problem
        if is_dead(conditions):
            return "disabled by #if 0"
        if self.groups.is_contradictory(use):
            listed = " and ".join(map(str, conditions))
            return f"the conditions around it contradict each other: {listed}"
        if self._has_no_parses_left and use.start not in self._tried:
            return f"the file's conditions need more than {_MOST_PARSES} parses"
        return (
            "not in libclang's AST: a macro removes the code, or the code around it does not parse"
        )


def _needs_no_types(use: Use, meaning: Meaning) -> bool:
    """Whether a use means the same in a text that lacks types and macros.

    Without a macro that opens a block, a call may be outside of functions, where clang takes it for
    a declaration. Without its type, a local variable is not declared, and its uses seem to mean the
    function of the same name.
    """
    is_called = use.arguments is not None
    return meaning.role == "use" and (is_called or meaning.entity != "function")

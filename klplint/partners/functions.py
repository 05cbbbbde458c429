"""The functions and macros of a file as steps, with what each step accesses and calls."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from klplint.csource.accesses import Seen, SeenCall, Statement
from klplint.csource.declared_names import Names
from klplint.csource.if_conditions import arms_at
from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Macro, Outline
from klplint.csource.step_walk import steps_of
from klplint.csource.steps import Steps
from klplint.partners.access_rules import AccessRules


class Part(NamedTuple):
    """Accesses and calls of a step, in the order of the text."""

    accesses: list[Seen]
    calls: list[SeenCall]


class Function:
    """A function or macro as steps; what they access is read when it is needed."""

    def __init__(
        self, name: str, source: Source, text: str, span: tuple[int, int], rules: AccessRules
    ) -> None:
        """`text` is that of `source`, with the same offsets, as far as statements matter."""
        self.name = name
        self.span = span
        self.is_macro = False
        self.head = ""
        self.text = text
        self._source = source
        self._rules = rules
        self._parts: dict[int, Part] = {}

    @cached_property
    def flow(self) -> Steps:
        """The statements."""
        return steps_of(self.text, *self.span)

    @cached_property
    def _begins(self) -> list[int]:
        """Where each step begins, behind the type of a declaration."""
        return [self.names.declare(self.text, step) for step in self.flow.steps]

    @cached_property
    def names(self) -> Names:
        """The names that it declares."""
        return Names(self.head)

    def part(self, number: int) -> Part:
        """What a step accesses and calls."""
        part = self._parts.get(number)
        if part is None:
            span = (self._begins[number], self.flow.steps[number].end)
            statement = Statement(self.text, span, self.names, self._rules.effects)
            part = self._parts[number] = Part(statement.accesses(), statement.calls())
        return part

    def arms_at(self, number: int) -> dict[int, int]:
        """The arm of each #if around a step; a step may begin with blank lines before an #if."""
        return arms_at(self._source, self.flow.steps[number].end)

    def step_at(self, offset: int) -> int | None:
        """The number of the step that holds an offset."""
        number = bisect_right(self._starts, offset) - 1
        is_inside = number >= 0 and offset < self.flow.steps[number].end
        return number if is_inside else None

    @cached_property
    def _starts(self) -> list[int]:
        """Where each step begins, in order."""
        return [step.start for step in self.flow.steps]


class Functions:
    """The functions and macros of one file."""

    def __init__(self, text: str, rules: AccessRules) -> None:
        self.source = Source(text)
        self.outline = Outline(self.source)
        self._rules = rules
        self._read: dict[int, Function] = {}

    @property
    def text(self) -> str:
        """The text of functions: without comments, literals and directives."""
        return self.source.statements

    @cached_property
    def _macro_text(self) -> str:
        return re.sub(r"\\(?=[ \t]*\r?\n)", " ", self.source.skeleton)

    @cached_property
    def _by_name(self) -> dict[str, Body]:
        return {body.name: body for body in self.outline.bodies}

    def at(self, offset: int) -> Function | None:
        """The function, or the macro, whose body holds an offset."""
        body = self.outline.body_at(offset)
        if body and not self.source.directive_at(offset):
            return self._of_body(body)
        macro = self.outline.macro_at(offset)
        return self._of_macro(macro) if macro else None

    def named(self, name: str) -> Function | None:
        """The function that the file defines under a name."""
        body = self._by_name.get(name)
        return self._of_body(body) if body else None

    def defined(self, name: str) -> list[Function]:
        """The functions and macros that the file defines under a name."""
        return [
            self._of_macro(each) if isinstance(each, Macro) else self._of_body(each)
            for each in self.outline.by_name.get(name, ())
        ]

    def _of_body(self, body: Body) -> Function:
        if body.start not in self._read:
            span = (body.start + 1, body.end - 1)
            function = Function(body.called, self.source, self.text, span, self._rules)
            function.head = self.text[body.head : body.start]
            self._read[body.start] = function
        return self._read[body.start]

    def _of_macro(self, macro: Macro) -> Function:
        if macro.start not in self._read:
            text = self._macro_text
            span = _without_wrapping(text, macro.body, macro.end)
            function = Function(macro.name, self.source, text, span, self._rules)
            function.is_macro = True
            for parameter in macro.parameters or ():
                function.names.tags[parameter] = ""
            self._read[macro.start] = function
        return self._read[macro.start]


_WRAPPING = re.compile(r"\s*(?:\(\s*\{|do\s*\{)")


def _without_wrapping(text: str, start: int, end: int) -> tuple[int, int]:
    """The statements of a macro's body: what is in `({ ... })` or `do { ... } while (0)`."""
    match = _WRAPPING.match(text, start, end)
    last = text.rfind("}", start, end)
    return (match.end(), last) if match and last > match.end() else (start, end)

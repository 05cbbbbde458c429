"""The functions of a file that are followed, reduced for flow analysis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from clang.cindex import Cursor

from klplint.csource.outline import Body, Outline, Use
from klplint.facts.parse_variant import ParseVariant
from klplint.facts.statements import Function
from klplint.frontend.configurations import AstUse
from klplint.frontend.parse import TranslationUnitView
from klplint.frontend.reduce.dropped_calls import with_dropped_calls
from klplint.frontend.reduce.function import reduce_function
from klplint.frontend.reduce.source_ranges import file_offset


class _Defined(NamedTuple):
    """A function as a parse sees it, with its body in the text."""

    body: Body
    """For one that a macro defines, the use of the macro."""
    cursor: Cursor
    view: TranslationUnitView
    macro: str = ""
    """The macro that defines it; empty if it is written out."""


class FollowedFunctions:
    """Reduces the functions of one file."""

    def __init__(
        self, outline: Outline, ast_uses: dict[int, AstUse], followed: frozenset[str]
    ) -> None:
        """`followed` are the functions whose calls are followed, also in the bodies of macros."""
        self._outline = outline
        self._ast_uses = ast_uses
        self._followed = followed

    def reduced(self, calling: Iterable[Use], defining: Iterable[Use]) -> tuple[Function, ...]:
        """The functions around calls, and those that definitions begin, reduced.

        A function that several parses see is reduced once for each of them: the statements of
        one configuration are not those of another. Of the functions that one use of a macro
        defines, none is, if several hold calls: they have one place in the text.
        """
        places: dict[tuple[int, ParseVariant], dict[str, _Defined]] = {}
        around = [(use, self._outline.body_at(use.start)) for use in calling]
        behind = [(use, self._outline.body_behind(use.end)) for use in defining]
        for use, body in (*around, *behind):
            in_ast = self._ast_uses[use.start]
            defined = self._defined(use, body, in_ast.view)
            if defined:
                place = places.setdefault((defined.body.start, in_ast.parse), {})
                place.setdefault(defined.body.name, defined)
        functions = (
            self._reduce(defined, parse)
            for (_, parse), names in places.items()
            for defined in names.values()
            if len(names) == 1
        )
        return tuple(function for function in functions if function)

    def _defined(self, use: Use, body: Body | None, view: TranslationUnitView) -> _Defined | None:
        """The function around a use, or in whose head it is; `body` is its body, if it has one."""
        if body:
            cursor = view.function_at(body.start)
            return _Defined(body, cursor, view) if cursor else None
        cursor = view.function_around(use.start)
        if cursor is None:
            return None
        macro = self._outline.use_at(view.text_offset(file_offset(cursor.extent.start)))
        if macro is None or not macro.start < use.start < macro.close:
            return None
        name = str(cursor.spelling)
        static = cursor.storage_class.name == "STATIC"
        made = Body(start=macro.start, end=macro.close, name=name, head=macro.start, static=static)
        return _Defined(made, cursor, view, macro.name)

    def _reduce(self, defined: _Defined, parse: ParseVariant) -> Function | None:
        body, cursor, view, macro = defined
        function = reduce_function(view, self._outline, cursor, self._followed)
        if function is None:
            return None
        whole = with_dropped_calls(function.body, body, self._outline)
        is_made = function.name == body.macro or body.is_system_call
        name = body.called if is_made else function.name
        return msgspec.structs.replace(function, name=name, body=whole, parse=parse, macro=macro)

"""The variables that macros declare: `#define SWITCH(t) { task *__t = (t); switch_it(__t); }`.

The code of a macro is not in the file. What such a variable is initialised with is read from the
AST, down to what is written in the macro's arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from ctypes import c_int
from functools import cached_property

from clang.cindex import Cursor, CursorKind, TypeKind, conf

from klplint.csource.outline import Use, names_in_words
from klplint.frontend.reduce.source_ranges import SourceRanges

_TRANSPARENT = (CursorKind.PAREN_EXPR, CursorKind.UNEXPOSED_EXPR, CursorKind.CSTYLE_CAST_EXPR)
# Parents of a name that neither read nor write the variable: the operands of typeof and sizeof.
_UNEVALUATED = (CursorKind.VAR_DECL, CursorKind.CXX_UNARY_EXPR)
# The numbers of clang's kinds of operators: `=`; `++` and `--`, behind and before; unary `*`.
_ASSIGNING = 22
_STEPS = (1, 2, 3, 4)
_DEREFERENCING = 6


def assigns(cursor: Cursor) -> bool:
    """Whether a binary operator, of which no text says so, is an assignment."""
    function = conf.lib.clang_getCursorBinaryOperatorKind
    function.argtypes, function.restype = [Cursor], c_int
    return bool(function(cursor) == _ASSIGNING)


def is_step(cursor: Cursor) -> bool:
    """Whether a unary operator, of which no text says so, is `++` or `--`."""
    return _unary_kind(cursor) in _STEPS


def dereferences(cursor: Cursor) -> bool:
    """Whether a unary operator is `*`."""
    return _unary_kind(cursor) == _DEREFERENCING


def _unary_kind(cursor: Cursor) -> int:
    function = conf.lib.clang_getCursorUnaryOperatorKind
    function.argtypes, function.restype = [Cursor], c_int
    return int(function(cursor))


def initialiser_of(variable: Cursor) -> Cursor | None:
    """What a declaration initialises its variable with; None if it does not.

    The operand of `typeof` and the length of an array are children of a declaration, too.
    """
    function = conf.lib.clang_Cursor_getVarDeclInitializer
    function.argtypes, function.restype = [Cursor], Cursor
    function.errcheck = Cursor.from_cursor_result
    value: Cursor | None = function(variable)
    return None if value is None or value.kind.is_invalid() else value


class MacroVariables:
    """What the variables hold that the macros in one function declare."""

    def __init__(self, ranges: SourceRanges, body: Cursor) -> None:
        self._ranges = ranges
        self._body = body

    def initialised(self, variable: Cursor) -> tuple[Cursor, str | None] | None:
        """What a macro that declares a variable initialises it with; None if no macro does.

        With it comes its text; None if that cannot be said.
        """
        use, value = self._ranges.use(variable), initialiser_of(variable)
        # A value that is written, or made by another macro, begins behind the declared name.
        if use is None or value is None or not use.start <= self._ranges.start(value) < use.close:
            return None
        return value, self._kept(variable, value, use)

    def _kept(self, variable: Cursor, value: Cursor, use: Use) -> str | None:
        """The text of a value, if a variable has no other one; None where it may have another.

        That is so if code of a macro may write to it: in which order such code runs is unknown.
        """
        if self._may_change(variable, use):
            return None
        is_named = self._is_written(variable.spelling, self._ranges.name(variable))
        written = self._ranges.argument_texts(use)
        if not is_named and variable.spelling in set().union(*map(names_in_words, written)):
            return None  # which of two variables of this name an argument means is unknown
        return self._text(value, use)

    def _text(self, value: Cursor, use: Use) -> str | None:
        """An expression in the use of a macro as text, as far as the arguments or names say it."""
        written = self._ranges.text_in_argument(value, use)
        if written is not None:
            return written
        children = list(value.get_children())
        if value.type.kind == TypeKind.DEPENDENT:
            return None  # what is left of an expression that does not parse
        if value.kind in _TRANSPARENT:
            inner = [child for child in children if child.kind.is_expression()]
            return self._text(inner[0], use) if len(inner) == 1 else None
        if value.kind == CursorKind.DECL_REF_EXPR:
            return str(value.spelling)
        if value.kind != CursorKind.CALL_EXPR or not value.spelling:
            return None
        arguments = [self._text(argument, use) for argument in value.get_arguments()]
        passed = [argument for argument in arguments if argument is not None]
        return f"{value.spelling}({', '.join(passed)})" if passed == arguments else None

    def _may_change(self, variable: Cursor, use: Use) -> bool:
        """Whether code of a macro may write to a variable once it is initialised."""
        places = self._changing.get(variable.hash, ())
        return any(
            not self._is_written(variable.spelling, place) or use.start <= place < use.close
            for place in places
        )

    @cached_property
    def _changing(self) -> dict[int, list[int]]:
        """Where variables are named and not only read, by the hash of the declaration."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for parent, name in _names(self._body):
            is_read = parent.kind == CursorKind.UNEXPOSED_EXPR
            if not is_read and parent.kind not in _UNEVALUATED and name.referenced is not None:
                places[name.referenced.hash].append(self._ranges.start(name))
        return dict(places)

    def _is_written(self, name: str, offset: int) -> bool:
        """Whether a name is in the file at an offset, and does not come out of a macro."""
        return self._ranges.source.code.startswith(name, offset)


def _names(code: Cursor) -> Iterator[tuple[Cursor, Cursor]]:
    """The names of variables in some code, each with the operation that it is an operand of."""
    pending = [(code, code)]
    while pending:
        parent, cursor = pending.pop()
        if cursor.kind == CursorKind.DECL_REF_EXPR:
            yield parent, cursor
        outer = parent if cursor.kind == CursorKind.PAREN_EXPR else cursor
        pending += [(outer, child) for child in cursor.get_children()]

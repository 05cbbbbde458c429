"""The types of functions as libclang sees them, with all type names replaced by what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clang.cindex import Cursor, Diagnostic

from klplint.csource.function_details import bodies_named
from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Outline, Use, names_in_words
from klplint.facts.queries import Definition
from klplint.frontend.configurations import find_in_ast
from klplint.frontend.parse import TranslationUnitView
from klplint.frontend.trimmed_text import trimmed_around
from klplint.kernel.compile_unit import CompileUnit
from klplint.source_text import read_source

# What stands for a type without a name; the path of the file is not part of the type.
_UNNAMED = re.compile(r"\((?:unnamed|anonymous)(?: (?:struct|union|enum))? at [^)]*\)")
_ATTRIBUTE = re.compile(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)")


def prototypes(unit: CompileUnit, path: str, names: tuple[str, ...]) -> list[Definition]:
    """The types of some functions of a file; OSError where it cannot be read.

    Functions of which libclang does not know the type for certain are left out.
    """
    source = Source(read_source(unit.file))
    outline = Outline(source)
    definitions: list[Definition] = []
    for name in names:
        for body in bodies_named(outline, name):
            use = _use_of(outline, body)
            if use is not None and body.macro == "":
                definitions += _in_ast(unit, outline, path, body, use)
    return definitions


def _use_of(outline: Outline, body: Body) -> Use | None:
    match = re.search(rf"\b{body.name}\b", outline.source.code[body.head : body.start])
    return outline.use_at(body.head + match.start()) if match else None


def _in_ast(
    unit: CompileUnit, outline: Outline, path: str, body: Body, use: Use
) -> Iterator[Definition]:
    trimmed = trimmed_around(outline, [use]) if unit.precompiled else None
    in_ast = find_in_ast(unit, outline.source, [use], trimmed=trimmed).by_offset.get(use.start)
    cursor = in_ast.view.cursor_at(use.start) if in_ast else None
    if in_ast is None or cursor is None or cursor.spelling != body.name:
        return
    if not _has_errors(in_ast.view, outline, body):
        yield Definition(
            kind="function",
            name=body.name,
            path=path,
            region=outline.source.region(use.start, use.end),
            text=_type_of(cursor),
        )


def _type_of(cursor: Cursor) -> str:
    """A function's type, as two functions of the same type have it."""
    spelling = str(cursor.type.get_canonical().spelling)
    return " ".join(_UNNAMED.sub("(unnamed)", _ATTRIBUTE.sub("", spelling)).split())


def _has_errors(view: TranslationUnitView, outline: Outline, body: Body) -> bool:
    """Whether clang's type of a function may be a guess.

    It is one after an error in the function's head, or where a name of the head is declared.
    """
    source = outline.source
    words = names_in_words(source.code[body.head : body.start])
    for diagnostic in view.translation_unit.diagnostics:
        place = diagnostic.location
        if diagnostic.severity < Diagnostic.Error or place.file is None:
            continue
        if not str(place.file.name).endswith(view.parsed.file.name):
            continue
        offset = view.text_offset(place.offset)
        line = source.code[source.offset(place.line, 1) : source.offset(place.line + 1, 1)]
        if outline.body_at(offset) is None and words & names_in_words(line):
            return True
    return False

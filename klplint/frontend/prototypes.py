"""The types of functions as libclang sees them, with all type names replaced by what they mean."""

from __future__ import annotations

import re

from clang.cindex import Cursor, Diagnostic

from klplint.csource.declared_names import KEYWORDS
from klplint.csource.function_details import bodies_named
from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Outline, Use, names_in_words
from klplint.facts.queries import Definition
from klplint.frontend.configurations import find_in_ast
from klplint.frontend.header_macros import HeaderMacros
from klplint.frontend.parse import TranslationUnitView
from klplint.kernel.compile_unit import CompileUnit
from klplint.source_text import read_source

# What stands for a type without a name; the path of the file is not part of the type.
_UNNAMED = re.compile(r"\((?:unnamed|anonymous)(?: (?:struct|union|enum))? at [^)]*\)")
# Words that no error makes another type.
_COMMON = KEYWORDS | {"struct", "union", "enum", "static", "inline", "noinline", "asmlinkage"}
_ATTRIBUTE = re.compile(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)")


def prototypes(unit: CompileUnit, path: str, names: tuple[str, ...]) -> list[Definition]:
    """The types of some functions of a file; OSError where it cannot be read.

    Functions of which libclang does not know the type for certain are left out.
    """
    source = Source(read_source(unit.file))
    outline = Outline(source)
    bodies = [body for name in names for body in bodies_named(outline, name) if not body.macro]
    uses = [(body, use) for body in bodies if (use := _use_of(outline, body))]
    headers = HeaderMacros(unit, source)
    in_ast = find_in_ast(unit, source, [use for _, use in uses], headers).by_offset
    errors = {id(each.view): _errors(each.view, outline) for each in in_ast.values()}
    definitions: list[Definition] = []
    for body, use in uses:
        known_use = in_ast.get(use.start)
        cursor = known_use.view.cursor_at(use.start) if known_use else None
        if known_use is None or cursor is None or cursor.spelling != body.name:
            continue
        words = names_in_words(source.code[body.head : body.start]) - _COMMON
        if not words & errors[id(known_use.view)]:
            region = source.region(use.start, use.end)
            text = _type_of(cursor)
            definitions.append(
                Definition(kind="function", name=body.name, path=path, region=region, text=text)
            )
    return definitions


def _use_of(outline: Outline, body: Body) -> Use | None:
    match = re.search(rf"\b{body.name}\b", outline.source.code[body.head : body.start])
    return outline.use_at(body.head + match.start()) if match else None


def _type_of(cursor: Cursor) -> str:
    """A function's type, as two functions of the same type have it."""
    spelling = str(cursor.type.get_canonical().spelling)
    return " ".join(_UNNAMED.sub("(unnamed)", _ATTRIBUTE.sub("", spelling)).split())


def _errors(view: TranslationUnitView, outline: Outline) -> frozenset[str]:
    """The names on the lines, outside of functions, on which clang reports an error.

    The type of a function with such a name in its head may be a guess.
    """
    source, names = outline.source, set[str]()
    for diagnostic in view.translation_unit.diagnostics:
        place = diagnostic.location
        if diagnostic.severity < Diagnostic.Error or place.file is None:
            continue
        if not str(place.file.name).endswith(view.parsed.file.name):
            continue
        if outline.body_at(view.text_offset(place.offset)) is None:
            line = source.code[source.offset(place.line, 1) : source.offset(place.line + 1, 1)]
            names |= names_in_words(line)
    return frozenset(names)

"""The texts of a file that libclang gets behind a precompiled header."""

from __future__ import annotations

from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.frontend.header_macros import define_one_of, includes_itself
from klplint.frontend.trimmed_text import TrimmedText, texts_around
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.header_wrapper import BARRIER_HEADERS


def texts_with(unit: CompileUnit, outline: Outline, names: frozenset[str]) -> list[TrimmedText]:
    """Texts in which to look for `names`, one after the other; none without such a header.

    The last one includes headers. It is left out if none of these is precompiled: the file as it is
    takes less time then.
    """
    if unit.precompiled is None:
        return []
    texts = texts_around(outline, outline.uses(names))
    with_headers = [] if unit.precompiled_headers == BARRIER_HEADERS else texts[-1:]
    functions = {*texts[-1].functions.values()}
    if len(texts) > 1 and define_one_of(unit, outline.source, functions, names):
        return with_headers
    return [*texts[:-1], *with_headers]


def whole_text(unit: CompileUnit, source: Source) -> list[TrimmedText]:
    """The file as it is, if it includes itself what is in its precompiled header; else none."""
    headers = unit.precompiled_headers
    if headers not in ((), BARRIER_HEADERS) and includes_itself(unit, headers, source):
        return [TrimmedText(source.text, {}, has_includes=True, is_whole=True)]
    return []

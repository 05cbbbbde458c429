"""The texts of a file that libclang gets behind a precompiled header.

There are none where a macro may give a function that matters another name. Behind a precompiled
header, its name may be defined or not for reasons that the file alone does not have: another header
may have undefined it, or have defined what the condition around its definition asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from klplint.csource.if_conditions import conditions_at, guards_of
from klplint.csource.outline import Outline, Use
from klplint.frontend.header_macros import HeaderMacros
from klplint.frontend.trimmed_text import TrimmedText, texts_around
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.header_wrapper import BARRIER_HEADERS


def texts_with(
    unit: CompileUnit, outline: Outline, macros: HeaderMacros, names: frozenset[str]
) -> list[TrimmedText]:
    """Texts in which to look for `names`, one after the other; none if it has to be parsed alone.

    The last one includes headers. It is left out if none of these is precompiled: the file as it is
    takes less time then.
    """
    if unit.precompiled is None:
        return []
    uses = outline.uses(names)
    texts = texts_around(outline, uses)
    functions = {*texts[-1].functions.values()}
    if macros.may_rename(functions) or _may_be_hidden(outline, macros, uses):
        return []
    with_headers = [] if unit.precompiled_headers == BARRIER_HEADERS else texts[-1:]
    if len(texts) > 1 and macros.define_outside(names):
        return with_headers
    return [*texts[:-1], *with_headers]


def whole_text(
    unit: CompileUnit, outline: Outline, macros: HeaderMacros, uses: Iterable[Use]
) -> list[TrimmedText]:
    """The file as it is, if it includes itself what is in its precompiled header; else none.

    The functions around `uses`, and those that these define, are analysed.
    """
    headers = unit.precompiled_headers
    if headers in ((), BARRIER_HEADERS) or not macros.allow_before(headers):
        return []
    bodies = (outline.body_at(use.start) or outline.body_behind(use.end) for use in uses)
    if macros.may_rename({body.name for body in bodies if body}):
        return []
    return [TrimmedText(outline.source.text, {}, has_includes=True, is_whole=True)]


def _may_be_hidden(outline: Outline, macros: HeaderMacros, uses: Sequence[Use]) -> bool:
    """Whether another header may have set an include guard around one of some uses."""
    guards = guards_of(outline.source)
    around = {
        guards[c.at] for u in uses for c in conditions_at(outline.source, u.start) if c.at in guards
    }
    return bool(around) and not around <= {*macros.own_guards}

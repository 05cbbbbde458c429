"""Macros and short functions that are only another name for a barrier.

`#define x_rmb() smp_rmb()`, a function whose body is nothing but a barrier, and a choice between
barriers by `if` or `#if`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from klplint.csource.lexer import Source
from klplint.csource.outline import Body, Outline, Use

# Longer bodies hold more than a choice.
_LONGEST = 600
_INLINE = re.compile(r"\b(?:(?:__)?inline(?:__)?|__always_inline)\b[^;{}]*\Z")
_CONDITION = r"\bif\s*\([^(){};]*(?:\([^(){};]*\)[^(){};]*)*\)"
_PIECE = rf"\s|[;{{}}()\\]|\belse\b|\bdo\b|\bwhile\s*\(\s*0\s*\)|{_CONDITION}"
# What else may stand in a choice: by its name a barrier of no particular side, and with nothing
# that it accesses. C11's fences take an order.
_ORDER = r"\w*(?:acquire|release|acq_rel|seq_cst)\w*"
_ANY_BARRIER = rf"(?i:\b\w*(?:barrier|fence|(?<![rw])mb)\s*\(\s*(?:{_ORDER})?\s*\))"
# What the text of a file has between pieces of a body, but its code does not. Possessive, so that
# there is one way to read it.
_COMMENT = r"/\*(?:[^*]|\*(?!/))*+\*/|//[^\n]*+"
_DIRECTIVE = r"#[^\n]*+"


class Alias(msgspec.Struct, frozen=True):
    """Another name for a barrier, and where it is made."""

    name: str
    barrier: str
    """What the body uses."""
    path: str
    use: Use
    """The barrier in the definition."""


class AliasPattern:
    """Finds aliases of some names by the text of files.

    `others` are names that may stand beside them in a choice: of the same side, or none at all.
    """

    def __init__(self, names: Collection[str], others: Collection[str]) -> None:
        self._names = frozenset(names)
        listed = "|".join(map(re.escape, sorted(self._names)))
        every = "|".join(map(re.escape, sorted({*names, *others})))
        # Atomic, so that there is one way to read each piece.
        piece = rf"(?>{_ANY_BARRIER}|{_PIECE}|\b(?:{every})\b)"
        self._likely = re.compile(
            rf"#[\s\\]*define[\s\\]+\w+(?:\([^()]*\))?(?:{piece}|{_COMMENT})*?\b(?:{listed})\b"
            rf"|inline\w*\b[^;{{}}]{{0,{_LONGEST}}}\)\s*\{{"
            rf"(?:{piece}|{_COMMENT}|{_DIRECTIVE})*?\b(?:{listed})\b"
        )
        self._body = re.compile(rf"(?:{piece})*")

    def is_likely(self, text: str) -> bool:
        """Whether a file may define an alias: few do, and to read them in full takes longer."""
        return self._likely.search(text) is not None

    def aliases_in(self, path: str, source: Source) -> Iterator[Alias]:
        """The aliases that a file defines."""
        outline = Outline(source)
        for use in outline.uses(self._names):
            macro = outline.macro_at(use.start)
            if macro is not None:
                name, text = macro.name, source.code[macro.body : macro.end]
            elif source.directive_at(use.start):  # such as #error and #pragma
                continue
            elif (body := outline.body_at(use.start)) and _is_inline(source, body):
                name, text = body.name, source.statements[body.start : body.end]
            else:
                continue
            is_short = len(text) <= _LONGEST
            if name != use.name and is_short and self._body.fullmatch(text):
                yield Alias(name, use.name, path, use)


def _is_inline(source: Source, body: Body) -> bool:
    """Whether a function is `inline`: another may be a handler that is nothing but a barrier."""
    return _INLINE.search(source.statements[body.head : body.start]) is not None

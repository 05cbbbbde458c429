"""How much the macros of a file expand to, without expanding them.

Macros that use each other twice double with each definition: a compiler takes hours for what is
written in thirty lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from klplint.csource.outline import Macro

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d\w*|[^\s\w]")
# Larger sizes count as this one.
_LARGEST = 10**12


class _Size(NamedTuple):
    """The size of some tokens after expansion: `fixed`, and `times` that of the arguments."""

    fixed: int = 0
    times: int = 0

    def plus(self, other: _Size) -> _Size:
        return _Size(
            min(self.fixed + other.fixed, _LARGEST), min(self.times + other.times, _LARGEST)
        )

    def applied_to(self, arguments: _Size) -> _Size:
        """The size of a macro with these arguments."""
        return _Size(
            min(self.fixed + self.times * arguments.fixed, _LARGEST),
            min(self.times * arguments.times, _LARGEST),
        )


_ONE = _Size(1)
_ARGUMENT = _Size(0, 1)


def expanding_to_more(macros: Iterable[Macro], code: str, most: int) -> frozenset[str]:
    """The names of those macros that expand to more than `most` tokens.

    `code` is the text in which the macros are. Arguments are not counted, as a use has them.
    """
    sizes = _Sizes({macro.name: macro for macro in macros}, code)
    return frozenset(name for name in sizes.macros if sizes.of(name).fixed > most)


class _Sizes:
    """The sizes of macros, each measured once."""

    def __init__(self, macros: dict[str, Macro], code: str) -> None:
        self.macros = macros
        self._code = code
        self._sizes: dict[str, _Size] = {}
        self._measured_ones: set[str] = set()

    def of(self, name: str) -> _Size:
        """The size of a macro."""
        waiting = [name]
        while waiting:  # not by recursion: macros may use each other in any number of levels
            macro = self.macros[waiting[-1]]
            if macro.name in self._measured_ones:
                waiting.pop()
                continue
            body = _TOKEN.findall(self._code, macro.body, macro.end)
            self._sizes[macro.name] = _ONE  # while a macro is expanded, its own name is not
            inner = {word for word in body if word in self.macros and word not in self._sizes}
            if inner:
                waiting += sorted(inner)
            else:
                parameters = frozenset(macro.parameters or ())
                self._sizes[macro.name] = self._measured(body, parameters)
                self._measured_ones.add(macro.name)
        return self._sizes[name]

    def _measured(self, tokens: list[str], parameters: frozenset[str]) -> _Size:
        """The size of the body of a macro, all of whose macros are measured."""
        open_calls = [(_ONE, _Size())]  # of each open parenthesis: whose, and what is in it so far
        for token, following in zip(["", *tokens], [*tokens, ""], strict=True):
            if token == "(" and following != "(":
                continue
            size = _ONE if token else _Size()
            if token in parameters:
                size = _ARGUMENT
            elif token in self.macros:
                size = self._sizes[token]
            if following == "(":
                open_calls.append((size, _Size()))
            elif token == ")" and len(open_calls) > 1:
                whose, arguments = open_calls.pop()
                size = whose.applied_to(arguments) if whose.times else whose.plus(arguments)
                open_calls[-1] = (open_calls[-1][0], open_calls[-1][1].plus(size))
            else:
                open_calls[-1] = (open_calls[-1][0], open_calls[-1][1].plus(size))
        total = _Size()
        for _, inside in open_calls:
            total = total.plus(inside)
        return total

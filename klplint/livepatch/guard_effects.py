"""Which calls hold a lock until a scope ends, by the definitions of classes and macros.

`guard(sample)(device)` holds a lock if the constructor of the class `sample` takes one, and so does
a macro whose body is such a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from klplint.analysis.name_patterns import fits_any
from klplint.csource.cleanup_classes import class_made
from klplint.facts.queries import Definition, Mention, Query
from klplint.facts.statements import Call
from klplint.livepatch.guards import Guards
from klplint.livepatch.lock_effects import LockEffects

# Macros of macros of a guard: nobody writes longer chains.
_DEEPEST = 4
_INNERMOST_BLOCK = re.compile(r"\{[^{}]*\}")
_CALLED = re.compile(r"(?<![\w.>])[A-Za-z_]\w*(?=\s*\()")


class GuardEffects:
    """Which calls of a function are guards, as far as the answers of the tree show it."""

    def __init__(self, guards: Guards, effects: LockEffects) -> None:
        """`guards` is what the rule's data say, `effects` what calls do to locks in the file."""
        self._guards = guards
        self._effects = effects

    def guards(self, calls: Iterable[Call]) -> Guards:
        """The guards of the data, with those among `calls` that the tree shows."""
        held = {
            (call.name, call.arguments)
            for call in calls
            if self._holds(call.name, call.arguments, self._effects)
        }
        return self._guards._replace(calls=frozenset(held))

    def is_macro_of_guard(self, name: str, above: int = 0) -> bool:
        """Whether the use of a macro is that of a guard, whatever the class."""
        return above < _DEEPEST and any(
            called in self._guards.macros or self.is_macro_of_guard(called, above + 1)
            for _, called, _ in self._behind(name, (), self._effects)
        )

    def queries(self, calls: Iterable[Call]) -> Iterator[Query]:
        """What has to be answered to know which of `calls` are guards.

        What their names are defined as is asked for elsewhere (`LockEffects.queries`).
        """
        for name, arguments in sorted({(call.name, call.arguments) for call in calls}):
            yield from self._queries(name, arguments, self._effects)

    def _queries(
        self, name: str, arguments: tuple[str, ...], effects: LockEffects, above: int = 0
    ) -> Iterator[Query]:
        made = class_made(name, arguments)
        if made and not fits_any(made, self._guards.classes):
            yield from effects.class_queries(made)
        elif not made and name not in self._guards.macros and above < _DEEPEST:
            for inner, called, given in self._behind(name, arguments, effects):
                if not class_made(called, given):
                    yield from inner.queries([called])
                yield from self._queries(called, given, inner, above + 1)

    def _holds(
        self, name: str, arguments: tuple[str, ...], effects: LockEffects, above: int = 0
    ) -> bool:
        """Whether a call holds a lock; `above` is the number of macros that led to it."""
        made = class_made(name, arguments)
        if made:
            return fits_any(made, self._guards.classes) or effects.is_lock_class(made)
        if name in self._guards.macros:
            return True
        return above < _DEEPEST and any(
            self._holds(called, given, inner, above + 1)
            for inner, called, given in self._behind(name, arguments, effects)
        )

    @staticmethod
    def _behind(
        name: str, arguments: tuple[str, ...], effects: LockEffects
    ) -> Iterator[tuple[LockEffects, str, tuple[str, ...]]]:
        """What a macro calls in the scope of its use, with the arguments that it gets there."""
        for macro in effects.definitions(name):
            given = dict(zip(macro.parameters or (), arguments, strict=False))
            for call in _in_scope_of_use(macro):
                passed = tuple(given.get(each, each) for each in call.arguments)
                yield effects.of_file(macro.path), call.name, passed


def _in_scope_of_use(macro: Definition) -> Iterator[Mention]:
    """The calls in the body of a macro that are in no block of its own."""
    text, blocks = macro.body if macro.kind == "macro" else "", 1
    while blocks:
        text, blocks = _INNERMOST_BLOCK.subn(";", text)
    names = frozenset(_CALLED.findall(text))
    return (call for call in macro.calls if call.name in names)

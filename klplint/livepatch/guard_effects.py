"""Which calls hold a lock until a scope ends, by the definitions of classes and macros.

`guard(sample)(device)` holds a lock if the constructor of the class `sample` takes one, and so does
a macro whose body is such a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

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
        self._files = {effects.path: effects}

    def guards(self, calls: Iterable[Call]) -> Guards:
        """The guards of the data, with those among `calls` that the tree shows."""
        held = {
            (call.name, call.arguments) for call in calls if self._holds(call.name, call.arguments)
        }
        return self._guards._replace(calls=frozenset(held))

    def is_macro_of_guard(self, name: str) -> bool:
        """Whether the use of a macro is that of a guard, whatever the class."""
        behind = islice(self._calls_made(name, ()), 1, None)
        return any(called in self._guards.macros for _, called, _ in behind)

    def loop_queries(self, names: Iterable[str]) -> Iterator[Query]:
        """What has to be answered to know which of `names` are macros of guards."""
        for name in names:
            for effects, called, _ in self._calls_made(name, ()):
                yield from effects.queries([called])

    def queries(self, calls: Iterable[Call]) -> Iterator[Query]:
        """What has to be answered to know which of `calls` are guards.

        What the calls themselves do to locks is not asked: `LockEffects.queries` does that.
        """
        for name, arguments in sorted({(call.name, call.arguments) for call in calls}):
            for depth, (effects, called, given) in enumerate(self._calls_made(name, arguments)):
                made = class_made(called, given)
                if made and not fits_any(made, self._guards.classes):
                    yield from effects.class_queries(made)
                elif not made and depth > 0:
                    yield from effects.queries([called])

    def _holds(self, name: str, arguments: tuple[str, ...]) -> bool:
        """Whether a call holds a lock."""
        for effects, called, given in self._calls_made(name, arguments):
            made = class_made(called, given)
            if made and (fits_any(made, self._guards.classes) or effects.is_lock_class(made)):
                return True
            if not made and called in self._guards.macros:
                return True
        return False

    def _calls_made(self, name: str, arguments: tuple[str, ...]) -> Iterator[_CallMade]:
        """A call, and what macros call in the scope of their use behind it, each once."""
        level, seen = [_CallMade(self._effects, name, arguments)], set[object]()
        for _ in range(_DEEPEST + 1):
            following: list[_CallMade] = []
            for each in level:
                key = each.effects.path, each.name, each.arguments
                if key in seen:
                    continue
                seen.add(key)
                yield each
                is_guard = class_made(each.name, each.arguments) or each.name in self._guards.macros
                following += () if is_guard else self._behind(each)
            level = following

    def _behind(self, call: _CallMade) -> Iterator[_CallMade]:
        """What a macro calls in the scope of its use, with the arguments that it gets there."""
        for macro in call.effects.definitions(call.name):
            given = dict(zip(macro.parameters or (), call.arguments, strict=False))
            for inner in _in_scope_of_use(macro):
                passed = tuple(given.get(each, each) for each in inner.arguments)
                yield _CallMade(self._of_file(macro.path), inner.name, passed)

    def _of_file(self, path: str) -> LockEffects:
        if path not in self._files:
            self._files[path] = self._effects.of_file(path)
        return self._files[path]


class _CallMade(NamedTuple):
    """A call that a macro may make."""

    effects: LockEffects
    """What the calls of its file do to locks."""
    name: str
    arguments: tuple[str, ...]


def _in_scope_of_use(macro: Definition) -> Iterator[Mention]:
    """The calls in the body of a macro that are in no block of its own."""
    text, blocks = macro.body if macro.kind == "macro" else "", 1
    while blocks:
        text, blocks = _INNERMOST_BLOCK.subn(";", text)
    names = frozenset(_CALLED.findall(text))
    return (call for call in macro.calls if call.name in names)

"""Which functions and macros of the tree take or drop locks, by what they call.

The functions that lock are data (`LockKind`). A function that calls one which takes a lock, and
none which drops one, takes the lock; and the other way round. The calls that a callee makes count
as well: one that takes and drops locks leaves it open what is held behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Literal

import msgspec

from klplint.analysis.callees import DEPTH, Callees, CallPlace
from klplint.analysis.name_patterns import fits_any
from klplint.facts.queries import Query, TreeFacts
from klplint.livepatch.held_locks import LockKind

# A function that takes a lock may pass it on to one that drops it: that is looked for farther away.
_FAR = 4
# A function that returns with a lock taken, or drops a lock of its caller, is short. So nobody
# looks into what one with more calls calls; there would be much of the kernel.
_MOST_CALLS = 12
_Effect = Literal["takes", "drops"]


class LockEffects:
    """What the calls of one file do to locks, as far as the answers of the tree show it."""

    def __init__(
        self,
        kinds: tuple[LockKind, ...],
        path: str,
        tree: TreeFacts,
        waits: tuple[str, ...] = (),
        *,
        in_file: bool = False,
    ) -> None:
        """`waits` are patterns for functions that wait: they return with the locks of before.

        With `in_file`, nothing is looked for in other files.
        """
        self._kinds = kinds
        self._waits = waits
        self._path = path
        self._tree = tree
        near = 0 if in_file else DEPTH
        far = 0 if in_file else _FAR
        self._callees = Callees(tree, self._is_data, near, _MOST_CALLS)
        self._far = Callees(tree, self._is_data, far, _MOST_CALLS)

    def queries(self, names: Iterable[str]) -> Iterator[Query]:
        """What has to be answered to know what calls of `names` do."""
        for name in sorted(names):
            near = tuple(self._callees.queries([name], self._path))
            yield from near
            if self._tree.has_answers(near) and any(map(partial(self._seems, name), self._kinds)):
                yield from self._far.queries([name], self._path)

    def kinds(self, names: Iterable[str]) -> tuple[LockKind, ...]:
        """The kinds of locks, with those of `names` that only take, or only drop, such a lock."""
        called = sorted(names)
        return tuple(
            msgspec.structs.replace(
                kind,
                acquire=(*kind.acquire, *self._with_effect("takes", kind, called)),
                release=(*kind.release, *self._with_effect("drops", kind, called)),
            )
            for kind in self._kinds
        )

    def _is_data(self, name: str) -> bool:
        return fits_any(name, self._waits) or any(
            fits_any(name, (*kind.acquire, *kind.acquire_if, *kind.acquire_unless, *kind.release))
            for kind in self._kinds
        )

    def _with_effect(self, effect: _Effect, kind: LockKind, names: list[str]) -> Iterator[str]:
        for name in names:
            near = set() if self._is_data(name) else self._of(name, kind, self._callees)
            if near == {effect} and self._of(name, kind, self._far) == {effect}:
                yield name

    def _seems(self, name: str, kind: LockKind) -> bool:
        """Whether a function only takes, or only drops, locks of a kind, by the answers so far."""
        return len(self._of(name, kind, self._callees) | self._of(name, kind, self._far)) == 1

    def _of(self, name: str, kind: LockKind, callees: Callees) -> set[_Effect]:
        """What a function does to locks of a kind, itself or by what it calls.

        A large function that takes a lock drops it as well, perhaps in what it calls.
        """
        if kind.any_release:  # it only says what is held
            return set()
        names, in_large = callees.reachable(CallPlace(name, self._path))
        if any(kind.takes(each) or kind.drops(each) for each in in_large):
            return {"takes", "drops"}
        takes: set[_Effect] = {"takes"} if any(map(kind.takes, names)) else set()
        drops: set[_Effect] = {"drops"} if any(map(kind.drops, names)) else set()
        return takes | drops

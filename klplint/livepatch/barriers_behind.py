"""Whether a write-side barrier follows the store of the target: there, or in what is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from klplint.analysis.name_patterns import fits_any
from klplint.facts.queries import DefinedIn, TreeFacts
from klplint.facts.variable_stores import VariableStore

# A barrier that is farther away is not the one that a reader of the function would count on.
_DEEPEST = 3


class BarriersBehind:
    """Looks for barriers in the functions of one file."""

    def __init__(self, path: str, tree: TreeFacts, barriers: tuple[str, ...]) -> None:
        self._path = path
        self._tree = tree
        self._barriers = barriers

    def has_any(self, store: VariableStore) -> bool:
        """Whether a barrier is behind a store."""
        return any(fits_any(name, self._barriers) for name in self._called(store.calls))

    def queries(self, store: VariableStore) -> Iterator[DefinedIn]:
        """What is called behind a store, as far as the file defines it."""
        for name in self._called(store.calls):
            yield DefinedIn(name, self._path)

    def _called(self, names: Iterable[str]) -> Iterator[str]:
        """Some names with what they call, so far as that is known."""
        seen, level = set[str](), list(names)
        for _ in range(_DEEPEST):
            new = [name for name in dict.fromkeys(level) if name not in seen]
            yield from new
            seen.update(new)
            level = [
                mention.name
                for name in new
                for definition in self._tree.definitions(DefinedIn(name, self._path))
                for mention in definition.calls
            ]

"""What the tree says about a function or macro that is called: its definitions, and their calls.

All rules look through calls in this one way: into functions, static inlines and macros, of the
file of the call without limit, and of other files to a depth. So what a rule knows of a callee
does not depend on which files are linted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from klplint.facts.queries import DefinedIn, Definition, DefinitionsOf, Query, TreeFacts

DEPTH = 2
"""How many definitions deep other files are followed: a callee, and what that calls."""
_ARCHITECTURES = "arch/"


class CallPlace(NamedTuple):
    """A name that is called, and from where."""

    name: str
    path: str
    """The file that holds the call."""
    depth: int = 0
    """How many definitions in other files led here."""


class Callees:
    """The definitions of what is called, as far as the answers of the tree have them."""

    def __init__(
        self,
        tree: TreeFacts,
        is_known: Callable[[str], bool],
        depth: int = DEPTH,
        most_calls: int | None = None,
    ) -> None:
        """`is_known` says whether a rule's data describe a name: it is not looked through then.

        With a depth of 0, nothing is looked for outside the file of the call. Nobody looks into
        the calls of a definition that has more than `most_calls`.
        """
        self._tree = tree
        self._is_known = is_known
        self._depth = depth
        self._most_calls = most_calls
        self._calls: dict[CallPlace, list[tuple[Definition, list[CallPlace]]]] = {}

    def definitions(self, called: CallPlace) -> tuple[Definition, ...]:
        """The definitions that a call may mean; none where they are not looked at.

        A file's own definitions hide those of other files. Those of architectures count only
        where there are no others, for most functions have a variant for all architectures.
        """
        if self._is_beyond(called):
            return ()
        answers = self._tree.definitions(self._query(called))
        callable_ = [each for each in answers if _has_body(each)]
        inside = tuple(each for each in callable_ if each.path == called.path)
        if inside:
            return inside
        general = [each for each in callable_ if not each.path.startswith(_ARCHITECTURES)]
        return tuple(general or callable_)

    def calls_in(self, called: CallPlace) -> list[tuple[Definition, list[CallPlace]]]:
        """Each definition that a call may mean, with what that calls, in the order of the source.

        The calls correspond to `Definition.calls`.
        """
        if called not in self._calls:
            self._calls[called] = list(self._called_in(called))
        return self._calls[called]

    def _called_in(self, called: CallPlace) -> Iterator[tuple[Definition, list[CallPlace]]]:
        for definition in self.definitions(called):
            is_outside = called.depth > 0 or definition.path != called.path
            depth = called.depth + is_outside
            names = [call.name for call in definition.calls]
            yield definition, [CallPlace(name, definition.path, depth) for name in names]

    def queries(self, names: Iterable[str], path: str) -> Iterator[Query]:
        """What has to be answered to know what the functions do that a file calls."""
        pending = [CallPlace(name, path) for name in sorted(names)]
        seen = set[CallPlace]()
        while pending:
            called = pending.pop()
            if called in seen or self._is_beyond(called):
                continue
            seen.add(called)
            yield self._query(called)
            for definition, calls in self.calls_in(called):
                if not self.is_large(definition):
                    pending += calls

    def is_large(self, definition: Definition) -> bool:
        """Whether nobody looks into what a definition calls."""
        return self._most_calls is not None and len(definition.calls) > self._most_calls

    def _is_beyond(self, called: CallPlace) -> bool:
        """Whether nobody looks into a callee."""
        return called.depth >= max(1, self._depth) or self._is_known(called.name)

    def _query(self, called: CallPlace) -> Query:
        if self._depth == 0:
            return DefinedIn(called.name, called.path)
        return DefinitionsOf(called.name, called.path)


def _has_body(definition: Definition) -> bool:
    """Whether a definition shows what a call, or the use of a macro without parameters, does."""
    return definition.kind in ("function", "macro") or (
        definition.kind == "object" and bool(definition.calls)
    )

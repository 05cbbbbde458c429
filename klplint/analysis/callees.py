"""What the tree says about a function or macro that is called: its definitions, and their calls.

All rules look through calls in this one way: into functions, static inlines and macros, of the
file of the call without limit, and of other files to a depth. So what a rule knows of a callee
does not depend on which files are linted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from klplint.csource.cleanup_classes import callee_of
from klplint.facts.file_facts import FileFacts
from klplint.facts.queries import DefinedIn, Definition, DefinitionsOf, Query, TreeFacts
from klplint.kernel.architecture import architecture_of

DEPTH = 2
"""How many definitions deep other files are followed: a callee, and what that calls."""
EVERY_ARCHITECTURE = "*"
"""The architecture of code that is to hold for all of them."""


class CallPlace(NamedTuple):
    """A name that is called, and from where."""

    name: str
    path: str
    """The file that holds the call."""
    depth: int = 0
    """How many definitions in other files led here."""
    architecture: str = ""
    """The one that the code is for, or EVERY_ARCHITECTURE; "" for that of the file at `path`."""


def architecture_for(path: str, tree: TreeFacts) -> str:
    """The architecture that a file belongs to, or is parsed for; "" if nothing shows one."""
    if architecture := architecture_of(path):
        return architecture
    facts = tree.files.get(path)
    return tree.memo.once(_parsed_for, facts) if facts else ""


def _parsed_for(facts: FileFacts) -> str:
    parses = chain((f.parse for f in facts.functions), (o.parse for o in facts.occurrences))
    return next((parse.architecture for parse in parses if parse), "")


def meant(definitions: Iterable[Definition], path: str, architecture: str) -> list[Definition]:
    """Those of the definitions of a name that code in a file means, which is for an architecture.

    A file's own definitions hide those of other files. Those of its architecture count only where
    there is none of these and none for all architectures, or where that is a default. Those of
    others never count, unless the code is for EVERY_ARCHITECTURE.
    """
    homes = [(each, architecture_of(each.path)) for each in definitions]
    inside = [each for each, _ in homes if each.path == path]
    nearest = inside or [each for each, home in homes if not home]
    # What is static in the file itself is hardly a default for an architecture.
    if any(not each.replaceable or (inside and each.static) for each in nearest):
        return nearest
    is_for_all = architecture == EVERY_ARCHITECTURE
    return nearest + [
        each
        for each, home in homes
        if home and (is_for_all or home == architecture) and each not in nearest
    ]


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

    def definitions(
        self, called: CallPlace, is_wanted: Callable[[Definition], bool] | None = None
    ) -> tuple[Definition, ...]:
        """The definitions that a call may mean (see `meant`); none where they are not looked at.

        `is_wanted` chooses others than those that show what a call does.
        """
        if self._is_beyond(called):
            return ()
        answers = self._tree.definitions(self.query(called))
        wanted = list(filter(is_wanted or shows_calls, answers))
        return tuple(meant(wanted, called.path, self._architecture(called)))

    def calls_in(self, called: CallPlace) -> list[tuple[Definition, list[CallPlace]]]:
        """Each definition that a call may mean, with what that calls, in the order of the source.

        The calls correspond to `Definition.calls`. A macro that makes an object of a class
        (`guard(mutex)(&lock)`) calls the constructor of the class.
        """
        if called not in self._calls:
            self._calls[called] = list(self._called_in(called))
        return self._calls[called]

    def _called_in(self, called: CallPlace) -> Iterator[tuple[Definition, list[CallPlace]]]:
        for definition in self.definitions(called):
            is_outside = called.depth > 0 or definition.path != called.path
            depth = called.depth + is_outside
            architecture = self._architecture(called)
            names = [callee_of(call.name, call.arguments) for call in definition.calls]
            yield definition, [CallPlace(n, definition.path, depth, architecture) for n in names]

    def _architecture(self, called: CallPlace) -> str:
        return called.architecture or architecture_for(called.path, self._tree)

    def queries(self, names: Iterable[str], path: str, architecture: str = "") -> Iterator[Query]:
        """What has to be answered to know what the functions do that a file calls.

        `architecture` is that of a `CallPlace`.
        """
        pending = [CallPlace(name, path, architecture=architecture) for name in sorted(names)]
        seen = set[CallPlace]()
        while pending:
            called = pending.pop()
            if called in seen or self._is_beyond(called):
                continue
            seen.add(called)
            yield self.query(called)
            for definition, calls in self.calls_in(called):
                if not self.is_large(definition):
                    pending += calls

    def is_large(self, definition: Definition) -> bool:
        """Whether nobody looks into what a definition calls."""
        return self._most_calls is not None and len(definition.calls) > self._most_calls

    def _is_beyond(self, called: CallPlace) -> bool:
        """Whether nobody looks into a callee."""
        return called.depth >= max(1, self._depth) or self._is_known(called.name)

    def query(self, called: CallPlace) -> Query:
        """What has to be answered to know what a call may mean."""
        if self._depth == 0:
            return DefinedIn(called.name, called.path)
        return DefinitionsOf(called.name, called.path)


def shows_calls(definition: Definition) -> bool:
    """Whether a definition shows what a call, or the use of a macro without parameters, does."""
    return definition.kind in ("function", "macro") or (
        definition.kind == "object" and bool(definition.calls)
    )

"""What the arguments of a call stand for where macros name flags: `#define RING_GFP GFP_KERNEL`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from klplint.analysis.callees import Callees, CallPlace, architecture_for
from klplint.facts.queries import Definition, Query, TreeFacts

# A macro for a macro: people do not write longer chains.
_DEEPEST = 4
# Of more meanings, nobody can say which one counts.
_MOST_MEANINGS = 8
_NAME = re.compile(r"(?<![\w.>])[A-Z_][A-Z0-9_]*[A-Z][A-Z0-9_]*\b(?!\s*\()")


class NamedFlags:
    """The macros without parameters in the arguments of calls, by the answers of the tree."""

    def __init__(self, asker: str, tree: TreeFacts, is_flag: Callable[[str], bool]) -> None:
        """`asker` is the file that is checked.

        `is_flag` says whether a rule's data know a name, so that nobody looks it up.
        """
        self._architecture = architecture_for(asker, tree)
        self._callees = Callees(tree, is_flag)
        self._is_flag = is_flag
        self._expansions: dict[tuple[str, str, int], list[str]] = {}

    def meanings(self, arguments: tuple[str, ...], path: str) -> list[tuple[str, ...]]:
        """All that the arguments of a call in a file may stand for; as written, if that is plain.

        Each definition of a macro may be the one that counts. Very many say nothing.
        """
        meanings = [arguments]
        for number, argument in enumerate(arguments):
            texts = self._texts(argument, path, 0)
            meanings = [(*m[:number], text, *m[number + 1 :]) for m in meanings for text in texts]
            if len(meanings) > _MOST_MEANINGS:
                return [arguments]
        return meanings

    def queries(self, arguments: Iterable[str], path: str) -> Iterator[Query]:
        """What has to be answered to know what arguments stand for."""
        pending = [(argument, path, 0) for argument in arguments]
        seen = set[tuple[str, str]]()
        while pending:
            text, where, depth = pending.pop()
            for name in self._names(text):
                if depth < _DEEPEST and (name, where) not in seen:
                    seen.add((name, where))
                    yield self._callees.query(self._place(name, where))
                    macros = self._macros(name, where)
                    pending += [(macro.text, macro.path, depth + 1) for macro in macros]

    def _texts(self, text: str, path: str, depth: int) -> list[str]:
        """All that an expression may stand for; each is expanded once, however often it occurs."""
        key = text, path, depth
        if key not in self._expansions:
            self._expansions[key] = self._expanded(text, path, depth)
        return self._expansions[key]

    def _expanded(self, text: str, path: str, depth: int) -> list[str]:
        texts = [text]
        if depth >= _DEEPEST:
            return texts
        for name in self._names(text):
            bodies = [
                body
                for macro in self._macros(name, path)
                for body in self._texts(macro.text, macro.path, depth + 1)
            ]
            if bodies and len(texts) * len(bodies) <= _MOST_MEANINGS:
                texts = [_replaced(each, name, body) for each in texts for body in bodies]
        return texts

    def _names(self, text: str) -> list[str]:
        """The names in an expression that may be macros for flags."""
        return [name for name in dict.fromkeys(_NAME.findall(text)) if not self._is_flag(name)]

    def _macros(self, name: str, path: str) -> list[Definition]:
        """The macros without parameters that a name may mean."""
        definitions = self._callees.definitions(self._place(name, path), _is_macro)
        return [each for each in definitions if each.path == path or not each.path.endswith(".c")]

    def _place(self, name: str, path: str) -> CallPlace:
        return CallPlace(name, path, architecture=self._architecture)


def _is_macro(definition: Definition) -> bool:
    return bool(definition.text)


def _replaced(text: str, name: str, body: str) -> str:
    """An expression with the body of a macro for its name."""
    is_one_thing = body.isidentifier() or (body.startswith("(") and body.endswith(")"))
    return re.sub(rf"\b{name}\b", lambda _: body if is_one_thing else f"({body})", text)

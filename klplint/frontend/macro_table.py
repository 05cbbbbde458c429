"""The macros of a watch by name, so that the expansion of a use looks at few of them."""

from __future__ import annotations

from klplint.csource.outline import Macro, Outline, Use, names_in_words
from klplint.facts.watch import MacroDefinition, Watch
from klplint.frontend.macro_expansion import definitions_of


class MacroTable:
    """The macros of a watch by name, to expand uses with no more of them than can take part.

    Macros of the same file that only these use, and that name no watched function, come along:
    they may call what they get, or keep it.
    """

    def __init__(self, watch: Watch, outline: Outline, path: str) -> None:
        self._outline = outline
        self._path = path
        self._count = len(watch.macros)
        self._by_name: dict[str, list[tuple[int, MacroDefinition]]] = {}
        for number, macro in enumerate(watch.macros):
            self._by_name.setdefault(macro.name, []).append((number, macro))
        self._watched = frozenset(self._by_name)
        self._named_in: dict[str, set[str]] = {}

    def concerning(
        self, use: Use, arguments: tuple[str, ...] | None
    ) -> tuple[MacroDefinition, ...]:
        """The macros that the expansion of a use may come to, in the order of the watch.

        Those that the watch does not have come last.
        """
        words = {use.name}.union(*map(names_in_words, arguments or ()))
        pending = set(words & self._watched)
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            seen.add(name)
            pending |= self._macros_in(name) - seen
        numbered = sorted(each for name in seen for each in self._by_name[name])
        return tuple(macro for _, macro in numbered)

    def _macros_in(self, name: str) -> set[str]:
        """The macros that the bodies of a macro name."""
        if name not in self._named_in:
            bodies = (names_in_words(macro.body) for _, macro in self._by_name[name])
            names = set().union(*bodies)
            for inner in names - self._by_name.keys():
                self._add_local(inner)
            self._named_in[name] = names & self._by_name.keys()
        return self._named_in[name]

    def _add_local(self, name: str) -> None:
        """Add the macros of the file that have a name, if they get arguments."""
        defined = self._outline.by_name.get(name, ())
        macros = [each for each in defined if isinstance(each, Macro)]
        local = [each for each in macros if each.parameters is not None]
        if local:
            definitions = definitions_of(local, self._outline, self._path)
            self._by_name[name] = [(self._count, definition) for definition in definitions]

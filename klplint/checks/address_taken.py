"""KLP005: is the address of a switching function taken, so that calls of it cannot be seen?

Source: the review of klp_patch_task() in May 2016: it is right only because of who calls it, and
with what. Who calls through a pointer is not to be told from the sources.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from klplint.analysis.name_patterns import fits_any
from klplint.checks.base import Check, place
from klplint.facts.file_facts import FileFacts, Occurrence
from klplint.facts.queries import TreeFacts
from klplint.facts.watch import Watch
from klplint.findings.finding import Draft


class HarmlessUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A macro or function that takes a function's address, and never calls it or lets it go on."""

    macro: str
    why: str
    source: str


class AddressTakenCheck(Check, frozen=True, kw_only=True):
    """Places where one of `functions` is named and not called.

    `exports`, `second_names` and the macros of `harmless` are patterns for what it may be an
    argument of: macros that export a symbol, that give it a further name, that do no harm.
    """

    functions: tuple[str, ...]
    exports: tuple[str, ...]
    second_names: tuple[str, ...]
    harmless: tuple[HarmlessUse, ...] = ()

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    @property
    def references(self) -> frozenset[str]:
        """The switching functions: what becomes of their addresses is this check's matter."""
        return frozenset(self.functions)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each address taken, but where it is only compared."""
        for facts in tree.files.values():
            yield from self._in_file(facts)

    def _in_file(self, facts: FileFacts) -> Iterator[Draft]:
        taken = [o for o in (*facts.occurrences, *facts.macro_calls) if self._is_taken(o)]
        for named in sorted(taken, key=lambda occurrence: occurrence.region):
            yield Draft(
                place=place(facts, named.region, "its address is taken"),
                message=f"the address of {named.name}() {self._by_what(named)}{_where(named)}: "
                "neither the task nor the place of the calls that follow can be checked",
                function=named.function,
                level="note" if named.is_dead else None,
            )

    def _is_taken(self, named: Occurrence) -> bool:
        reference = named.reference
        if named.name not in self.functions or reference is None or _is_another(named):
            return False
        if named.kind == "macro-body" and reference.kind == "other":
            return False  # but another name for it: what counts is how that is used
        if reference.kind in ("member", "unevaluated", "compared"):
            return False
        harmless = tuple(use.macro for use in self.harmless)
        return not (reference.kind == "argument" and fits_any(reference.name, harmless))

    def _by_what(self, named: Occurrence) -> str:
        kind, name = (named.reference.kind, named.reference.name) if named.reference else ("", "")
        if kind == "argument" and fits_any(name, self.exports):
            return f"is exported by {name}()"
        if kind == "argument" and fits_any(name, self.second_names):
            return f"gets a second name by {name}()"
        if kind == "argument":
            return f"is passed to {name}()"
        if kind in ("assigned", "initialiser") and name:
            return f"is stored in `{name}`"
        return "is returned" if kind == "returned" else "is taken"


def _is_another(named: Occurrence) -> bool:
    """Whether the name means a member, a variable or a parameter, not the function."""
    return named.kind == "reference" and named.entity != "function"


def _where(named: Occurrence) -> str:
    through = f" through the macro {named.via}" if named.via else ""
    if named.kind == "macro-body":
        return " in a macro"
    return through + (f" in {named.function}()" if named.function else "")

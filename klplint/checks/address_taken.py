"""KLP005: is the address of a switching function taken, so that calls of it cannot be seen?

Source: the review of klp_patch_task() in May 2016: it is correct only because of its callers and
of what they pass. The sources do not show who calls it through a pointer.
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
    """A macro or function that gets a function's address, and neither calls it nor keeps it."""

    macro: str
    """A pattern for its name; `*` stands for any letters, digits and underscores."""
    why: str
    """What it does with the address."""
    source: str
    """Where that can be seen."""


class AddressTakenCheck(Check, frozen=True, kw_only=True):
    """Places where one of `functions` is named but not called."""

    functions: tuple[str, ...]
    """The switching functions."""
    exports: tuple[str, ...]
    """Patterns for the macros that export a function."""
    second_names: tuple[str, ...]
    """Patterns for the macros that give a function a second name."""
    harmless: tuple[HarmlessUse, ...] = ()
    """Macros and functions that may get the address."""

    @property
    def watch(self) -> Watch:
        """The switching functions."""
        return Watch(functions=frozenset(self.functions))

    @property
    def references(self) -> frozenset[str]:
        """The switching functions: this check reports where their addresses are taken."""
        return frozenset(self.functions)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each address that is taken, except where it is only compared."""
        for facts in tree.files.values():
            yield from self._in_file(facts)

    def _in_file(self, facts: FileFacts) -> Iterator[Draft]:
        taken = [o for o in (*facts.occurrences, *facts.macro_calls) if self._is_taken(o)]
        for use in sorted(taken, key=lambda occurrence: occurrence.region):
            yield Draft(
                place=place(facts, use.region, "its address is taken"),
                message=self._message(use),
                function=use.function,
                level="note" if use.is_dead else None,
            )

    def _is_taken(self, use: Occurrence) -> bool:
        """Whether a use takes the address of a switching function, and not for a harmless use."""
        reference = use.reference
        if use.name not in self.functions or reference is None or _is_another(use):
            return False
        if use.kind == "macro-body" and reference.kind == "other":
            return False  # the macro is another name: the uses of the macro count
        if reference.keeps_nothing:
            return False
        harmless = tuple(use.macro for use in self.harmless)
        return not (reference.kind == "argument" and fits_any(reference.name, harmless))

    def _message(self, use: Occurrence) -> str:
        """What happens to the address, and which calls cannot be checked because of that."""
        kind, name = (use.reference.kind, use.reference.name) if use.reference else ("", "")
        if kind == "argument" and fits_any(name, self.exports):
            what, calls = f"{use.name}() is exported by {name}()", "from modules"
        elif kind == "argument" and fits_any(name, self.second_names):
            what, calls = f"{use.name}() gets a second name from {name}()", "by that name"
        else:
            what, calls = f"the address of {use.name}() {_taken(kind, name)}", "through the pointer"
        return (
            f"{what}{_where(use)}; calls {calls} cannot be checked: "
            "neither their task nor where they are made"
        )


def _is_another(use: Occurrence) -> bool:
    """Whether the name means a member, a variable or a parameter, not the function."""
    return use.kind == "reference" and use.entity != "function"


def _taken(kind: str, name: str) -> str:
    """What happens to an address, as part of a message."""
    if kind == "argument":
        return f"is passed to {name}()"
    if kind in ("assigned", "initialiser") and name:
        return f"is stored in `{name}`"
    return "is returned" if kind == "returned" else "is taken"


def _where(use: Occurrence) -> str:
    """Where the address is taken, as part of the message."""
    through = f" through the macro {use.via}" if use.via else ""
    if use.kind == "macro-body":
        return " in a macro"
    return through + (f" in {use.function}()" if use.function else "")

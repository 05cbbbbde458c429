"""KLP023: does a new function have the type of the one that it replaces?

Source: Documentation/livepatch/livepatch.rst; the new function is called with the arguments of the
old one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from klplint.checks.livepatch_base import ReplacementCheck, unclear
from klplint.facts.function_details import FunctionDetails
from klplint.facts.queries import PrototypeIn, Query, TreeFacts
from klplint.findings.finding import Draft, NotAnalysed, Place
from klplint.modules.old_functions import InObject, meaning_of
from klplint.modules.prototypes import Prototype, are_same, prototype_of
from klplint.modules.replacements import Replacement, new_function, replacements_in

Verdict = Literal["same", "different", "open"]


class _Pair(NamedTuple):
    """An old function and the new one, with the types as their heads write them."""

    old: FunctionDetails
    new: FunctionDetails
    old_type: Prototype | None
    new_type: Prototype | None

    @property
    def is_same(self) -> bool:
        """Whether both are written with the same words."""
        return self.old_type is not None and self.old_type == self.new_type


class _Outcome(NamedTuple):
    verdict: Verdict
    old: str = ""
    new: str = ""
    how: str = ""


class Wrapper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The functions through which the entry code makes system calls."""

    prefixes: tuple[str, ...]
    """How their names begin."""
    parameter: str
    """The structure that has the arguments; a pointer to it is the only parameter."""
    source: str
    """Where that is defined."""


class PatchedPrototypeCheck(ReplacementCheck, frozen=True, kw_only=True):
    """New functions of another type than the one that they replace."""

    wrappers: tuple[Wrapper, ...] = ()
    """The functions of system calls, whose types no file writes out."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """The types of functions whose heads are written differently."""
        yield from super().queries(tree)
        for each in replacements_in(tree):
            for pair in _pairs(each, tree):
                if not pair.is_same and not pair.old.made_by and not pair.new.made_by:
                    yield PrototypeIn(pair.old.name, pair.old.path)
                    yield PrototypeIn(pair.new.name, pair.new.path)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each new function that fits no definition of the old one."""
        for each in replacements_in(tree):
            pairs = _pairs(each, tree)
            outcomes = [self._outcome(each, pair, tree) for pair in pairs]
            if pairs and all(outcome.verdict == "different" for outcome in outcomes):
                yield _draft(each, pairs[0], outcomes[0])

    def unclear(self, tree: TreeFacts) -> Iterator[NotAnalysed]:
        """The pairs whose types cannot be compared."""
        for each in replacements_in(tree):
            outcomes = [self._outcome(each, pair, tree) for pair in _pairs(each, tree)]
            verdicts = {outcome.verdict for outcome in outcomes}
            if "open" in verdicts and "same" not in verdicts:
                name = each.function.new_name
                reason = f"the types of {each.old_name}() and {name}() could not be compared"
                yield unclear(each.path, each.function.new_region or each.function.region, reason)

    def _outcome(self, each: Replacement, pair: _Pair, tree: TreeFacts) -> _Outcome:
        """Whether two functions have the same type, and by what that is decided."""
        if pair.old.made_by and pair.new_type:
            for wrapper in self.wrappers:
                if each.old_name.startswith(wrapper.prefixes):
                    return _of_wrapper(wrapper.parameter, pair.new_type, pair.new.head)
        return _outcome(pair, tree)


def _of_wrapper(parameter: str, new: Prototype, head: str) -> _Outcome:
    """How a new function fits a system call; one without parameters uses none of them."""
    pointers = (f"const {parameter} *", f"{parameter} *")
    if new.result == "long" and new.parameters in ((), *((pointer,) for pointer in pointers)):
        return _Outcome("same")
    if new.number > 1:
        return _Outcome("different", f"long ({pointers[0]})", head, " (by the tokens)")
    return _Outcome("open")


def _pairs(each: Replacement, tree: TreeFacts) -> list[_Pair]:
    """The new function with each function that it may replace; none if that is not plain."""
    new = new_function(each, tree)
    meaning = meaning_of(each, tree)
    if new is None or meaning.status != "meant" or each.is_specialised:
        return []
    return [
        _Pair(old, new, _type_of(old), _type_of(new))
        for old in map(_details, meaning.definitions)
        if old is not None
    ]


def _details(each: InObject) -> FunctionDetails | None:
    return each.details


def _type_of(function: FunctionDetails) -> Prototype | None:
    return None if function.made_by else prototype_of(function.head, function.name)


def _outcome(pair: _Pair, tree: TreeFacts) -> _Outcome:
    """Whether two functions that are written out have the same type."""
    if pair.is_same:
        return _Outcome("same")
    old, new = (_parsed(function, tree) for function in (pair.old, pair.new))
    if old and new:
        return _Outcome("same" if are_same(old, new) else "different", old, new)
    if pair.old_type and pair.new_type and pair.old_type.number != pair.new_type.number:
        return _Outcome("different", pair.old.head, pair.new.head, " (by the tokens)")
    return _Outcome("open")


def _parsed(function: FunctionDetails, tree: TreeFacts) -> str:
    """The type of a function as libclang sees it; empty where it was not parsed."""
    definitions = tree.definitions(PrototypeIn(function.name, function.path))
    types = {d.text for d in definitions if d.region == function.region}
    return types.pop() if len(types) == 1 else ""


def _draft(each: Replacement, pair: _Pair, outcome: _Outcome) -> Draft:
    region = each.function.new_region or each.function.region
    counts = [t.number if t else -1 for t in (pair.old_type, pair.new_type)]
    if counts[0] != counts[1] and -1 not in counts:
        old, new = counts
        what = f"takes {new} argument{'s' * (new != 1)}, and the old one {old}"
    else:
        what = f"has the type `{outcome.new}`, and the old one `{outcome.old}`"
    message = (
        f"{pair.new.name}() {what}{outcome.how}; it is called in place of {each.old_name}(), with "
        "the arguments of that"
    )
    return Draft(
        place=Place(each.path, region, "another type"),
        message=message,
        related=(
            Place(pair.old.path, pair.old.region, "the old function"),
            Place(pair.new.path, pair.new.region, "the new function"),
        ),
    )

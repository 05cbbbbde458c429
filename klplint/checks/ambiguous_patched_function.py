"""KLP021: does the name of a patched function mean one function of the object?

Source: klp_find_object_symbol() in kernel/livepatch/core.c; the field old_sympos of struct
klp_func.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.livepatch_base import ReplacementCheck, draft, object_text
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Place
from klplint.modules.old_functions import meaning_of
from klplint.modules.replacements import Replacement, replacements_in
from klplint.modules.symbols import Count, count_in

_MOST_RELATED = 4


class AmbiguousPatchedFunctionCheck(ReplacementCheck, frozen=True, kw_only=True):
    """Names of several functions of an object, without a position; positions too high."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each name that is ambiguous, and for each position that is not there."""
        for each in replacements_in(tree):
            meaning = meaning_of(each, tree)
            position = each.function.position
            if meaning.status != "meant" or position is None or each.is_specialised:
                continue
            count = count_in(each.object_name, meaning.definitions)
            if position == 0 and len(count.possible) > 1 and each.object_name is not None:
                yield _ambiguous(each, count)
            elif position > 1 and _is_known(count) and position > len(count.possible):
                yield _too_high(each, position, count)


def _is_known(count: Count) -> bool:
    """Whether nothing is left open: each function's object is plain."""
    return bool(count.possible) and all(each.objects for each in count.possible)


def _ambiguous(each: Replacement, count: Count) -> Draft:
    where = object_text(each.object_name)
    if len(count.certain) > 1:
        number = len(count.certain)
        message = (
            f"{where} has {number} functions called {each.old_name}(), so klp_enable_patch() "
            "fails; set .old_sympos to the position of the one to patch in kallsyms, from 1"
        )
        return draft(each, message, "ambiguous", _places(count))
    number = len(count.possible)
    message = (
        f"{where} has up to {number} functions called {each.old_name}(), depending on the "
        "configuration; with more than one, klp_enable_patch() fails unless .old_sympos is set"
    )
    return _as_note(draft(each, message, "may be ambiguous", _places(count)))


def _too_high(each: Replacement, position: int, count: Count) -> Draft:
    number = len(count.possible)
    message = (
        f".old_sympos is {position}, but {object_text(each.object_name)} has only {number} "
        f"function{'s' * (number != 1)} called {each.old_name}()"
    )
    return draft(each, message, "no such position", _places(count))


def _as_note(finding: Draft) -> Draft:
    return Draft(
        place=finding.place, message=finding.message, related=finding.related, level="note"
    )


def _places(count: Count) -> tuple[Place, ...]:
    return tuple(
        Place(each.definition.path, each.definition.region, "one of them")
        for each in count.possible[:_MOST_RELATED]
    )

"""Fixes that move a barrier: kept only if the order check shows that the tree is right then.

The file is read once more as it would be with the barrier moved. Its pair has to be ordered, and
no pair of a barrier of the same function may become worse, or lose an object that it orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from klplint.cache.keys import key_of
from klplint.checks.base import Check
from klplint.checks.misordered_pair import MisorderedPairCheck
from klplint.csource.lexer import Source
from klplint.csource.outline import call_names
from klplint.csource.text_edits import TextEdit, edited
from klplint.engine.partner_search import search_of_run
from klplint.engine.session import Session
from klplint.facts.barrier_contexts import LOADS, STORES, Context
from klplint.facts.partners import OrderStatus
from klplint.facts.region import Region
from klplint.findings.finding import Finding, Result
from klplint.findings.fix import BarrierMove, Edit
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import contexts_in
from klplint.partners.inline_calls import with_inline_calls
from klplint.partners.object_index import Sited, keys
from klplint.partners.pair_order import PairOrders
from klplint.source_text import source_or_nothing

_Contexts = Mapping[str, tuple[Context, ...]]
"""The contexts of the barriers of a tree, by path."""
_RANKS: Sequence[OrderStatus] = ("misordered", "not-checked", "ordered")


def with_proved_moves(result: Result, checks: Iterable[Check], session: Session) -> Result:
    """The result without the fixes that move a barrier and do not make all pairs right."""
    rules = [check.access_rules for check in checks if isinstance(check, MisorderedPairCheck)]
    if not any(map(_move_of, (*result.findings, *result.suppressed))):
        return result
    moves = _Moves(rules[0], session)
    return msgspec.structs.replace(
        result,
        findings=tuple(map(moves.checked, result.findings)),
        suppressed=tuple(map(moves.checked, result.suppressed)),
    )


def _move_of(finding: Finding) -> BarrierMove | None:
    change = finding.fix.changes[0] if finding.fix else None
    return change if isinstance(change, BarrierMove) else None


class _Pair(msgspec.Struct, frozen=True):
    """The barriers of a pair: the one that moves, and the other one."""

    moved: Sited
    other: Sited
    is_reader: bool
    """Whether the reader's barrier moves."""


class _Moves:
    """Checks moves of barriers in the tree as it is now."""

    def __init__(self, rules: AccessRules, session: Session) -> None:
        self._rules = rules
        self._session = session
        self._search = search_of_run(rules, session)

    def checked(self, finding: Finding) -> Finding:
        """The finding, without its fix if that is not shown to be right."""
        change = _move_of(finding)
        if change is None or finding.fix is None or not finding.fix.edits:
            return finding
        (edit,) = finding.fix.edits
        source = Source(source_or_nothing(self._session.sources.root / change.file))
        if not self._only_accesses(source, edit):
            return msgspec.structs.replace(finding, fix=None)
        texts = self._texts_beside(change.file)
        key = key_of(
            "barrier move", self._search.state(), texts, change, edit, finding.place.region
        )
        cached = self._session.recall([key], bool)
        is_right = cached[key] if key in cached else self._is_right(finding, change, edit, source)
        if key not in cached and self._search.is_whole():
            self._session.remember({key: is_right})
        return finding if is_right else msgspec.structs.replace(finding, fix=None)

    def _is_right(self, finding: Finding, change: BarrierMove, edit: Edit, source: Source) -> bool:
        sites = [
            self._site(place.file, place.region) for place in (finding.place, *finding.related)
        ]
        moved = self._site(change.file, change.region)
        others = [site for site in sites if site and site != moved]
        if moved is None or not others:
            return False
        is_reader = change.file == finding.place.file and change.region == finding.place.region
        pair = _Pair(moved, others[0], is_reader)
        return self._improves(pair, self._after(change, edit, source))

    def _only_accesses(self, source: Source, edit: Edit) -> bool:
        """Whether the statements that are passed call nothing but helpers without an order."""
        span = source.span(edit.region)
        names = (match[0] for match in call_names(source.skeleton, span.start, span.end))
        barriers = 0
        for name in names:
            effects = self._rules.effects(name)
            if self._rules.ordering(name):
                barriers += 1
            elif effects is None or effects.both or self._rules.wakes(name):
                return False
        return barriers == 1

    def _site(self, path: str, region: Region) -> Sited | None:
        """The barrier at a place; None if none is there."""
        for context in self._search.ranking.contexts_in(path):
            if (context.line, context.column) == (region.line, region.column):
                return Sited(path, context)
        return None

    def _texts_beside(self, path: str) -> dict[str, str]:
        """The files whose functions those of a file may call, with the file itself."""
        root = self._session.sources.root
        return {file: source_or_nothing(root / file) for file in self._search.beside(path)}

    def _after(self, change: BarrierMove, edit: Edit, source: Source) -> _Contexts:
        """The contexts of the tree with the barrier moved."""
        span = source.span(edit.region)
        moved = edited(source.text, [TextEdit(span.start, span.end, edit.text)])
        texts = self._texts_beside(change.file) | {change.file: moved}
        new = {each.path: each for each in contexts_in(texts, self._rules)}
        files = with_inline_calls([new.get(each.path, each) for each in self._search.contexts])
        return {file.path: file.contexts for file in files}

    def _improves(self, pair: _Pair, after: _Contexts) -> bool:
        """Whether the pair is ordered with the barrier moved, and no other one is worse."""
        path = pair.moved.path
        orders = PairOrders(after, self._rules, self._search.header_functions())
        now, then = _by_place(self._search.ranking.contexts, path), _by_place(after, path)
        if now.keys() != then.keys():
            return False
        moved = {site: then[place] for place, site in now.items()}
        sides = moved[pair.moved], moved.get(pair.other, pair.other)
        if not pair.is_reader:
            sides = sides[::-1]
        if orders.order(*sides).status != "ordered":
            return False
        return all(
            self._is_no_worse(old, (moved.get(old[0], old[0]), moved.get(old[1], old[1])), orders)
            for site in moved
            if site.function == pair.moved.function
            for old in self._pairs_of(site)
        )

    def _is_no_worse(
        self, old: tuple[Sited, Sited], new: tuple[Sited, Sited], orders: PairOrders
    ) -> bool:
        """Whether a pair orders all that it ordered before."""
        orders_now = self._search.orders
        statuses = orders.order(*new).status, orders_now.order(*old).status
        is_worse = _RANKS.index(statuses[0]) < _RANKS.index(statuses[1])
        return not is_worse and orders_now.all_ordered(*old) <= orders.all_ordered(*new)

    def _pairs_of(self, site: Sited) -> Iterator[tuple[Sited, Sited]]:
        """The pairs of a barrier with all others of the tree that share an object with it."""
        ordering = self._rules.ordering(site.context.barrier)
        shared = keys(site.context)
        for other, objects in self._sites:
            if other.function == site.function or shared.isdisjoint(objects):
                continue
            kind = self._rules.ordering(other.context.barrier)
            if ordering in LOADS and kind in STORES:
                yield site, other
            if ordering in STORES and kind in LOADS:
                yield other, site

    @cached_property
    def _sites(self) -> list[tuple[Sited, set[str]]]:
        """All barriers of the tree, with the objects around them."""
        contexts = self._search.ranking.contexts
        sites = (Sited(path, each) for path, inside in contexts.items() for each in inside)
        return [(site, keys(site.context)) for site in sites]


def _by_place(contexts: _Contexts, path: str) -> dict[tuple[str, str, int], Sited]:
    """The barriers of a file by what does not change with lines: the function, and which in it."""
    places: dict[tuple[str, str, int], Sited] = {}
    for context in contexts[path]:
        name = context.function, context.barrier
        number = sum(place[:2] == name for place in places)
        places[*name, number] = Sited(path, context)
    return places

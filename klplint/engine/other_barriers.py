"""All barriers of one file, on either side, whether or not a rule checks them: for an editor.

Only what is established is said of them: what comments say, certain partners, a checked order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import msgspec

from klplint.barriers.families import Families
from klplint.barriers.ordering import order_of
from klplint.barriers.pairing import Pair, PairReader, Readers, is_meant
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.engine.compile_targets import CompileTargets
from klplint.engine.pair_listing import FilePair, with_other_ends
from klplint.engine.partner_search import PartnerSearch, find_partners, search_of_run
from klplint.engine.plan import Plan, watch_of
from klplint.engine.queries import answer_queries
from klplint.engine.session import Session
from klplint.facts.barrier_contexts import LOADS
from klplint.facts.file_facts import FileFacts
from klplint.facts.partners import Partner
from klplint.facts.watch import Watch
from klplint.frontend.collect import collect_facts
from klplint.partners.object_index import Sited, keys
from klplint.partners.scoring import partners


def pair_check_of(plan: Plan) -> ReadBarrierCheck | None:
    """What knows of barriers: a rule of the plan, or another one of the catalogue."""
    checks = (rule.check for rule in (*plan.rules, *plan.catalogue))
    return next((check for check in checks if isinstance(check, ReadBarrierCheck)), None)


def known_barriers(families: Families) -> frozenset[str]:
    """All barriers whose comments can be read."""
    return frozenset({*families.readers, *families.writing})


def barriers_of_file(
    path: str, plan: Plan, session: Session
) -> tuple[tuple[FilePair, ...], PairReader | None]:
    """The barriers of a file of which something is established, and what read their comments."""
    check = pair_check_of(plan)
    facts = _facts(path, check.families, plan, session) if check else None
    if check is None or facts is None:
        return (), None
    reader = PairReader(known_barriers(check.families), check.families, session.memo.the(Readers))
    tree = answer_queries({path: facts}, [reader], session)
    entries = []
    searched = _Partners(check, facts, session)
    for _, pair in reader.pairs(tree):
        entry = _established(path, pair, searched.of(pair))
        if entry is not None:
            entries.append(entry)
    return with_other_ends(entries), reader


def _facts(path: str, families: Families, plan: Plan, session: Session) -> FileFacts | None:
    """The barriers of a file, by its tokens; None if they cannot be read in time."""
    watch = watch_of(plan.catalogue or plan.rules)
    targets = session.memo.once(CompileTargets, session)
    unit = targets.unit(path, watch.barriers - watch.loads)
    arguments = (unit, Watch(barriers=known_barriers(families)), "not parsed")
    seconds = session.execution.seconds_per_file
    ((_, facts),) = session.workers.run(collect_facts, [arguments], seconds)
    return facts if isinstance(facts, FileFacts) else None


class _Partners:
    """Finds what the code shows on the other side of the barriers of a file."""

    def __init__(self, check: ReadBarrierCheck, facts: FileFacts, session: Session) -> None:
        self._path = facts.path
        self._search: PartnerSearch | None = None
        self._of_readers: dict[tuple[int, int], tuple[Partner, ...]] = {}
        if session.execution.partners and facts.barriers:
            rules, readers = check.access_rules, frozenset(check.families.readers)
            self._search = search_of_run(rules, session)
            self._rules = rules
            answers = find_partners({self._path: facts}, readers, rules, session)
            for each in answers.get(self._path, ()):
                self._of_readers[each.line, each.column] = each.partners

    def of(self, pair: Pair) -> tuple[Partner, ...]:
        """The barriers on the other side of one, best first."""
        place = pair.barrier.region.line, pair.barrier.region.column
        if pair.side == "write" and self._search:
            return tuple(self._readers_of(place, self._search))
        return self._of_readers.get(place, ())

    def _readers_of(self, place: tuple[int, int], search: PartnerSearch) -> Iterator[Partner]:
        """The readers whose certain partner is the write barrier at a place, as its partners."""
        ranking = search.ranking
        at_place = [c for c in ranking.contexts_in(self._path) if (c.line, c.column) == place]
        shared = frozenset(key for context in at_place for key in keys(context))
        for path, contexts in ranking.contexts.items() if shared else ():
            for context in contexts:
                is_reader = self._rules.ordering(context.barrier) in LOADS
                if not is_reader or shared.isdisjoint(keys(context)):
                    continue
                reader = Sited(path, context)
                ranked = ranking.candidates(reader)
                orders = partial(search.orders.orders, reader)
                for first in partners(ranked, self._rules, orders)[:1]:
                    here = first.path, (first.line, first.column)
                    if first.confident and here == (self._path, place):
                        yield msgspec.structs.replace(
                            first,
                            function=context.function,
                            path=path,
                            barrier=context.barrier,
                            line=context.line,
                            column=context.column,
                        )


def _established(path: str, pair: Pair, partners_found: Iterable[Partner]) -> FilePair | None:
    """A pair with what is certain of it; None if nothing is."""
    every, claimed = tuple(partners_found), pair.counterparts
    certain = tuple(p for p in every if p.confident or any(is_meant(c, p) for c in claimed))
    if pair.reading.pairing == "none" and not certain:
        return None
    order = order_of(pair, every)
    is_checked = order.status != "not-checked"
    return FilePair(path, pair, certain, order if is_checked else None)

"""Pairs: every read barrier, how its comment was read, and where its counterparts are.

Comments need no compiler, so the files are read by their tokens alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from klplint.barriers.pairing import Pair, PairReader
from klplint.catalogue.rule import Rule
from klplint.checks.read_barrier_base import ReadBarrierCheck
from klplint.engine.fact_collection import Survey
from klplint.engine.lint import gather
from klplint.engine.queries import ask
from klplint.engine.session import Session, Setup
from klplint.errors import UsageError
from klplint.facts.watch import Watch
from klplint.findings.finding import NotAnalysed
from klplint.kernel.sources import Sources
from klplint.progress import Progress


class FilePair(msgspec.Struct, frozen=True):
    """A pair, and the file that its read barrier stands in."""

    file: str
    pair: Pair


class PairList(msgspec.Struct, frozen=True):
    """All pairs in the order of files and lines, and what could not be read."""

    pairs: tuple[FilePair, ...]
    unreadable: tuple[NotAnalysed, ...]


def pair_up(sources: Sources, rules: Sequence[Rule], setup: Setup, progress: Progress) -> PairList:
    """Every read barrier that the rules in force watch, with its reading and its counterparts.

    Raises UsageError where none of the rules is about read barriers.
    """
    checks = [rule.check for rule in rules if isinstance(rule.check, ReadBarrierCheck)]
    if not checks:
        raise UsageError("none of the rules selected is about read barriers; KLP003 is one")
    barriers = frozenset(barrier for check in checks for barrier in check.barriers)
    reader = PairReader(barriers, checks[0].families)
    setup = msgspec.structs.replace(setup, parse=False)
    with Session(sources, setup, progress) as session:
        facts, unreadable = gather(Survey(session).facts(Watch(barriers=barriers)))
        tree = ask(facts, [reader], session)
    pairs = [FilePair(file.path, pair) for file, pair in reader.pairs(tree)]
    problems = [NotAnalysed(u.file, 0, f"cannot be read: {u.reason}") for u in unreadable]
    return PairList(tuple(pairs), tuple(sorted(problems)))

"""Coverage: what became of each textual occurrence of each watched name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from klplint.engine.checking import cannot_read
from klplint.engine.fact_collection import FactCollector
from klplint.engine.plan import Plan
from klplint.engine.session import Session
from klplint.engine.stages import gather
from klplint.facts.file_facts import FileFacts, Occurrence, Unreadable
from klplint.findings.finding import NotAnalysed
from klplint.progress import Progress


class Covered(msgspec.Struct, frozen=True):
    """An occurrence and the file that it stands in."""

    file: str
    occurrence: Occurrence


class Coverage(msgspec.Struct, frozen=True):
    """All occurrences in the order of files and lines, and how often files were parsed."""

    occurrences: tuple[Covered, ...]
    files: int
    parses: int
    unreadable: tuple[NotAnalysed, ...]

    def classes(self) -> dict[str, int]:
        """How many occurrences there are of each class, most first."""
        counts = Counter(covered.occurrence.kind for covered in self.occurrences)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def missed(self) -> tuple[Covered, ...]:
        """The calls and references that no parse parsed."""
        return tuple(c for c in self.occurrences if c.occurrence.missed_by_ast)


def cover(plan: Plan, progress: Progress) -> Coverage:
    """Account for every occurrence of what the rules of a plan watch."""
    with Session(plan.sources, plan.execution, progress) as session:
        collector = FactCollector(session)
        coverage = account(collector.facts(plan.watch))
        collector.remember()
    return coverage


def account(surveyed: Iterable[FileFacts | Unreadable]) -> Coverage:
    """The account of facts, in whatever order they come."""
    collected = gather(surveyed)
    facts = collected.facts.values()
    return Coverage(
        occurrences=tuple(Covered(file.path, o) for file in facts for o in file.occurrences),
        files=sum(file.is_concerned for file in facts),
        parses=sum(file.parses for file in facts),
        unreadable=tuple(sorted(map(cannot_read, collected.unreadable))),
    )

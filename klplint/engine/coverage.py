"""Coverage: what became of each textual occurrence of each watched name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from klplint.engine.fact_collection import Survey
from klplint.engine.session import Session, Setup
from klplint.facts.file_facts import FileFacts, Occurrence, Unreadable
from klplint.facts.watch import Watch
from klplint.findings.finding import NotAnalysed
from klplint.kernel.sources import Sources
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

    def unreached(self) -> tuple[Covered, ...]:
        """The calls and references that no parse reached."""
        return tuple(c for c in self.occurrences if c.occurrence.missed_by_ast)


def cover(sources: Sources, watch: Watch, setup: Setup, progress: Progress) -> Coverage:
    """Account for every occurrence of the watched names in `sources`."""
    with Session(sources, setup, progress) as session:
        return account(Survey(session).facts(watch))


def account(surveyed: Iterable[FileFacts | Unreadable]) -> Coverage:
    """The account of facts, in whatever order they come."""
    facts: dict[str, FileFacts] = {}
    unreadable: list[NotAnalysed] = []
    parses = 0
    for file in surveyed:
        if isinstance(file, Unreadable):
            unreadable.append(NotAnalysed(file.file, 0, f"cannot be read: {file.reason}"))
        else:
            facts[file.path] = file
            parses += file.parses
    occurrences = [
        Covered(path, occurrence)
        for path in sorted(facts)
        for occurrence in facts[path].occurrences
    ]
    files = sum(file.is_concerned for file in facts.values())
    return Coverage(tuple(occurrences), files, parses, tuple(sorted(unreadable)))

"""Findings completed once all are known: put in order, with excerpts and fingerprints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from klplint.facts.file_facts import Suppression
from klplint.findings.finding import Finding, Place
from klplint.findings.line_hash import line_hashes
from klplint.source_text import digest, split_lines


def with_suppressed(
    findings: Iterable[Finding], suppressions: Sequence[Suppression]
) -> list[Finding]:
    """The findings of one file, with those marked that one of its `suppressions` covers."""
    by_line: defaultdict[int, list[Suppression]] = defaultdict(list)
    whole = [suppression for suppression in suppressions if suppression.whole_file]
    for suppression in suppressions:
        for line in () if suppression.whole_file else suppression.lines:
            by_line[line].append(suppression)
    return [_marked(each, [*whole, *by_line.get(each.place.region.line, ())]) for each in findings]


def _marked(finding: Finding, suppressions: Sequence[Suppression]) -> Finding:
    """A finding with the reason of the first suppression that covers it, if any does."""
    for suppression in suppressions:
        if suppression.covers(finding.code, finding.place.region.line):
            return msgspec.structs.replace(finding, justification=suppression.reason)
    return finding


def resolve(findings: Iterable[Finding], read: Callable[[str], str]) -> tuple[Finding, ...]:
    """Findings in report order, without repeats, with excerpts and fingerprints.

    `read` gives the text of a file by its reported path.
    """
    unique = {finding.order: finding for finding in findings}
    ordered = [unique[key] for key in sorted(unique)]
    texts = _Texts(read, ordered)
    alike: Counter[tuple[str, ...]] = Counter()
    resolved = []
    for finding in ordered:
        place = texts.with_excerpt(finding.place)
        kind = (finding.code, place.file, finding.function or "", normalised(place.excerpt))
        alike[kind] += 1
        resolved.append(
            msgspec.structs.replace(
                finding,
                place=place,
                related=tuple(map(texts.with_excerpt, dict.fromkeys(finding.related))),
                steps=tuple(map(texts.with_excerpt, finding.steps)),
                line_hash=texts.line_hash(place),
                fingerprint=fingerprint_of(*kind, str(alike[kind])),
            )
        )
    return tuple(resolved)


class _Texts:
    """The texts of the files that findings point to, each read and hashed once."""

    def __init__(self, read: Callable[[str], str], findings: Iterable[Finding]) -> None:
        primary: defaultdict[str, set[int]] = defaultdict(set)
        files = set()
        for finding in findings:
            primary[finding.place.file].add(finding.place.region.line)
            files |= {place.file for place in (finding.place, *finding.related, *finding.steps)}
        texts = {file: read(file) for file in sorted(files)}
        self._lines = {file: split_lines(text) for file, text in texts.items()}
        self._hashes = {file: line_hashes(texts[file], lines) for file, lines in primary.items()}

    def with_excerpt(self, place: Place) -> Place:
        lines, line = self._lines[place.file], place.region.line
        excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
        return msgspec.structs.replace(place, excerpt=excerpt)

    def line_hash(self, place: Place) -> str:
        return self._hashes[place.file].get(place.region.line, "")


def normalised(excerpt: str) -> str:
    """A line of source without what changes when it is only moved: its white space."""
    return " ".join(excerpt.split())


def fingerprint_of(*parts: str) -> str:
    """A fingerprint of some texts: 32 hexadecimal digits."""
    return digest(["\0".join(parts).encode("utf-8", "surrogatepass")]).hex()

"""Findings completed with what they show of the texts, from the cache if these did not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from klplint.cache.keys import key_of
from klplint.engine.plan import Plan
from klplint.engine.saved_result import may_be_saved
from klplint.engine.session import Session
from klplint.findings.finding import Finding, Result
from klplint.findings.resolve import resolve
from klplint.fixes.resolve import with_edits
from klplint.kernel.signatures import are_settled, signature_of
from klplint.source_text import source_or_nothing


def completed(result: Result, plan: Plan, session: Session) -> Result:
    """A result of `check` whose findings are in order, with what they show of the texts."""
    by_file: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        by_file[finding.place.file].append(finding)
    keys = _keys(by_file, session) if session.cache and may_be_saved(plan) else {}
    cached = session.recall(keys.values(), list[Finding])
    earlier = {file: cached[key] for file, key in keys.items() if key in cached}
    new = _resolved((f for f in result.findings if f.place.file not in earlier), plan.sources.root)
    session.remember({keys[file]: each for file, each in new.items() if file in keys})
    every = [finding for _, each in sorted({**earlier, **new}.items()) for finding in each]
    return msgspec.structs.replace(
        result,
        findings=tuple(finding for finding in every if not finding.suppressed),
        suppressed=tuple(finding for finding in every if finding.suppressed),
    )


def _keys(by_file: Mapping[str, list[Finding]], session: Session) -> dict[str, bytes]:
    """The keys of the findings in the files, but where a text changed a moment ago."""
    root = session.sources.root
    signature = cache(lambda name: signature_of(root / name))
    keys = {}
    for file, findings in by_file.items():
        names = sorted({name for finding in findings for name in _files_of(finding)})
        signatures = [*map(signature, names)]
        if are_settled(signatures):
            keys[file] = key_of("completed", str(root), findings, names, signatures)
    return keys


def _files_of(finding: Finding) -> Iterator[str]:
    """The files whose texts a finding shows or wants to change."""
    yield from (place.file for place in (finding.place, *finding.related, *finding.steps))
    if finding.fix:
        yield from (change.file for change in finding.fix.changes)


def _resolved(findings: Iterable[Finding], root: Path) -> dict[str, list[Finding]]:
    """The completed findings by file."""
    by_file: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in with_edits(resolve(findings, lambda path: source_or_nothing(root / path)), root):
        by_file[finding.place.file].append(finding)
    return by_file

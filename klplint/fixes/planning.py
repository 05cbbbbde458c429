"""What fixes change in each file, and which of them cannot be carried out, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

import msgspec

from klplint.csource.lexer import Source
from klplint.csource.text_edits import edited, same_code
from klplint.findings.finding import Finding
from klplint.findings.fix import BarrierMove, Change, Replacement
from klplint.fixes.barrier_moves import shifted
from klplint.fixes.resolve import resolved, text_edits
from klplint.source_text import EncodedText, bytes_or_nothing


class FixedFile(msgspec.Struct, frozen=True):
    """A file with fixes."""

    file: str
    """The path from the root of the sources."""
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]
    """The findings whose fixes change it."""


class NotFixed(msgspec.Struct, frozen=True, order=True):
    """A file, or a place in one, that is left as it is."""

    where: str
    reason: str


class FixPlan(msgspec.Struct, frozen=True):
    """The files to change, and what is left as it is."""

    files: tuple[FixedFile, ...]
    left: tuple[NotFixed, ...]


def plan_fixes(findings: Iterable[Finding], files: AbstractSet[str], root: Path) -> FixPlan:
    """The changes that the fixes of some findings make in `files`, which are below `root`.

    The files are read again. A fix that does not fit what is there now is left out.
    """
    texts = cache(lambda file: bytes_or_nothing(root / file))
    sources = cache(lambda file: Source(EncodedText.of(texts(file)).text))
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    fixed: defaultdict[str, list[Finding]] = defaultdict(list)
    left = list[NotFixed]()
    for finding in findings:
        if finding.fix is None:
            continue
        if resolved(finding.fix, sources) != finding.fix:
            where = f"{finding.place.file}:{finding.place.region.line}"
            left.append(NotFixed(where, "the file changed while klplint ran; run it again"))
            continue
        for change in finding.fix.changes:
            if change.file in files:
                changes[change.file].append(change)
                fixed[change.file].append(finding)
    planned = []
    for file, wanted in sorted(changes.items()):
        after = _after(wanted, EncodedText.of(texts(file)), sources(file))
        if isinstance(after, str):
            left.append(NotFixed(file, after))
        elif after != texts(file):
            planned.append(FixedFile(file, texts(file), after, tuple(dict.fromkeys(fixed[file]))))
    return FixPlan(tuple(planned), tuple(sorted(left)))


def _after(changes: Sequence[Change], before: EncodedText, source: Source) -> bytes | str:
    """The bytes of a file with changes, or why it cannot have them.

    Barriers are moved last: with the comments that they get.
    """
    moves = [each for each in changes if isinstance(each, BarrierMove)]
    others = [each for each in changes if not isinstance(each, BarrierMove)]
    edits = text_edits(others, source)
    text = edited(before.text, edits)
    only_comments = not any(isinstance(each, Replacement) for each in others)
    if only_comments and not same_code(before.text, text):
        return "a comment there would change the code"
    if moves:
        changed = Source(text)
        moved = (shifted(each, source, changed, edits) for each in moves)
        text = edited(text, text_edits(moved, changed))
    try:
        return before.encoded(text)
    except UnicodeEncodeError:
        return f"a name in the comment cannot be written in {before.encoding}"

"""The changes of fixes as edits of the text that the files have now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import msgspec

from klplint.csource.lexer import Source
from klplint.csource.text_edits import TextEdit
from klplint.findings.finding import Finding
from klplint.findings.fix import (
    BarrierMove,
    Change,
    Edit,
    Fix,
    LeftVariable,
    PartnerComment,
    Replacement,
    SuppressionRemoval,
)
from klplint.fixes import partner_comments
from klplint.fixes.barrier_moves import move
from klplint.fixes.suppression_removal import removal as suppression_removal
from klplint.fixes.unused_variables import Fate, fate
from klplint.source_text import source_or_nothing, split_lines


def with_edits(findings: Iterable[Finding], root: Path) -> tuple[Finding, ...]:
    """Findings whose fixes have edits; a fix that does not fit the text any more is dropped."""
    source_of = cache(lambda file: Source(source_or_nothing(root / file)))
    return tuple(
        msgspec.structs.replace(finding, fix=resolved(finding.fix, source_of))
        if finding.fix
        else finding
        for finding in findings
    )


def resolved(fix: Fix, source_of: Callable[[str], Source]) -> Fix | None:
    """A fix with its edits; None if its first change does not fit the text any more.

    The others are additions: the fix is of use without them.
    """
    edits: list[Edit] = []
    title, made = fix.title, list[TextEdit]()
    for number, change in enumerate(fix.changes):
        source = source_of(change.file)
        edit: TextEdit | Fate | None
        if isinstance(change, LeftVariable):
            edit = fate(source, change, made)
            if edit is Fate.CONDITIONAL:
                return None
            title = _title(change, edit)
        else:
            edit = text_edit(change, source)
        if isinstance(edit, TextEdit):
            made.append(edit)
            edits.append(_as_fact(edit, change.file, source))
        elif number == 0:
            return None
    return msgspec.structs.replace(fix, title=title, edits=tuple(sorted(edits)))


def _title(change: LeftVariable, edit: TextEdit | Fate) -> str:
    """The title of a fix with what becomes of the variable."""
    if isinstance(edit, TextEdit):
        return f"{change.title}, and remove `{change.name}`"
    return f"{change.title}; `{change.name}` is unused then" if edit is Fate.LEFT else change.title


def _as_fact(edit: TextEdit, file: str, source: Source) -> Edit:
    """An edit of a text as an edit of its file, with the whole lines that it changes."""
    region = source.region(edit.start, edit.end)
    start, end = source.offset(region.line, 1), source.offset(region.end_line + 1, 1)
    adds_lines = edit.start == edit.end == start and edit.text.endswith(("\n", "\r"))
    if adds_lines:
        end = start
    before, after = source.text[start : edit.start], source.text[edit.end : end]
    removes_lines = edit.end == source.offset(region.end_line, 1) > start and not edit.text
    if removes_lines:
        end, after = edit.end, ""
    new = f"{before}{edit.text}{after}"
    return Edit(file, region, edit.text, _lines(source.text[start:end]), _lines(new))


def _lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without what ends each."""
    lines = split_lines(text)
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def text_edits(changes: Iterable[Change], source: Source) -> list[TextEdit]:
    """The edits for changes of one file, where they fit; none overlaps an earlier one.

    Comments that different changes want at one barrier become one.
    """
    edits: list[TextEdit] = []
    joined = _joined(changes)
    variables = [change for change in joined if isinstance(change, LeftVariable)]
    for change in joined:
        edit = text_edit(change, source)
        if edit and not any(_overlap(edit, other) for other in edits):
            edits.append(edit)
    for variable in variables:
        removal = fate(source, variable, edits)
        if isinstance(removal, TextEdit) and removal not in edits:
            edits.append(removal)
    return edits


def text_edit(change: Change, source: Source) -> TextEdit | None:
    """The edit for one change; None where the text is not as the change expects it."""
    match change:
        case Replacement():
            span = source.span(change.region)
            fits = source.text[span.start : span.end] == change.was
            return TextEdit(span.start, span.end, change.text) if fits else None
        case PartnerComment():
            return partner_comments.edit_for(source, change)
        case SuppressionRemoval():
            return suppression_removal(source, change)
        case BarrierMove():
            return move(source, change)
        case LeftVariable():
            return None  # it depends on the other changes


def _joined(changes: Iterable[Change]) -> list[Change]:
    """The changes, each once, with the partners of one barrier together."""
    joined: dict[object, Change] = {}
    for change in changes:
        if isinstance(change, PartnerComment):
            key = change.file, change.region
            joined[key] = _together(joined.get(key), change)
        else:
            joined[change] = change
    return [*joined.values()]


def _together(earlier: Change | None, change: PartnerComment) -> PartnerComment:
    """A comment that names the partners of an earlier one on the same barrier, too."""
    if not isinstance(earlier, PartnerComment):
        return change
    partners = tuple(dict.fromkeys((*earlier.partners, *change.partners)))
    return msgspec.structs.replace(earlier, partners=partners)


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    """Whether two edits change the same text, or insert at the same place."""
    return (one.start < other.end and other.start < one.end) or one.start == other.start

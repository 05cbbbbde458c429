"""An assessment as Markdown, for a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.livepatching.assessment import Assessment, ChangedFunction, ChangedItem
from klplint.report import livepatch_phrases as phrases
from klplint.report.markdown_text import as_code, as_prose


def render(assessment: Assessment) -> str:
    """The verdict, a table of the parts, and lists of what is not known."""
    return "".join(f"{line}\n" for line in _lines(assessment))


def _lines(assessment: Assessment) -> Iterator[str]:
    yield f"## Livepatch: {assessment.verdict}"
    yield ""
    yield f"{phrases.HEADLINES[assessment.verdict]} {phrases.summary(assessment)}"
    if assessment.reasons:
        yield ""
        yield from (f"- {as_prose(text)}" for text in phrases.reason_texts(assessment.reasons))
    if assessment.parts:
        yield ""
        yield "| what changes | where | object | verdict | why |"
        yield "|---|---|---|---|---|"
        yield from map(_row, assessment.parts)
    for heading, skipped in (
        ("Not analysed", assessment.not_analysed),
        ("Without effect", assessment.without_effect),
    ):
        if skipped:
            yield ""
            yield f"### {heading}"
            yield ""
            yield from (f"- {as_code(each.file)}: {as_prose(each.reason)}" for each in skipped)
    if assessment.unknowns:
        yield ""
        yield "### Not known from sources"
        yield ""
        yield from (f"- {as_prose(text)}" for text in assessment.unknowns)


def _row(part: ChangedFunction | ChangedItem) -> str:
    is_function = isinstance(part, ChangedFunction)
    built = phrases.objects(part) if isinstance(part, ChangedFunction) else ""
    notes = part.notes if isinstance(part, ChangedFunction) else ()
    texts = [*phrases.reason_texts(part.reasons), *notes, phrases.user_text(part.users)]
    why = "<br>".join(as_prose(text) for text in texts if text)
    name = as_code(part.name) if is_function else as_prose(phrases.title(part))
    if is_function and part.change != "changed":
        name = f"{name} ({part.change})"
    return f"| {name} | {as_code(str(part.spot))} | {as_prose(built)} | {part.verdict} | {why} |"

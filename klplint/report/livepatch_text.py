"""An assessment as text, for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from klplint.livepatching.assessment import Assessment, ChangedFunction, ChangedItem, Verdict
from klplint.printable import one_line
from klplint.report import livepatch_phrases as phrases
from klplint.report.base import Appearance
from klplint.report.rich_text import as_text
from klplint.report.terminal_cells import wrap

_STYLES: dict[Verdict, str] = {
    "patchable": "bold green",
    "with care": "bold yellow",
    "not patchable": "bold red",
}


def render(assessment: Assessment, appearance: Appearance) -> str:
    """The verdict, then each part with its reasons, then what is not known."""
    return as_text(_lines(assessment, appearance.width), appearance)


def _lines(assessment: Assessment, width: int) -> Iterator[Text]:
    verdict = assessment.verdict
    yield Text(phrases.HEADLINES[verdict], style=_STYLES[verdict])
    yield Text(phrases.summary(assessment))
    yield from _bullets(phrases.reason_texts(assessment.reasons), width)
    for part in assessment.parts:
        yield Text()
        yield from _part(part, width)
    for heading, skipped in (
        ("Not analysed", assessment.not_analysed),
        ("Without effect", assessment.without_effect),
    ):
        if skipped:
            yield Text()
            yield Text(heading, style="bold")
            yield from _bullets((f"{each.file}: {each.reason}" for each in skipped), width)
    if assessment.unknowns:
        yield Text()
        yield Text("Not known from sources", style="bold")
        yield from _bullets(assessment.unknowns, width)


def _part(part: ChangedFunction | ChangedItem, width: int) -> Iterator[Text]:
    line = Text(f"{one_line(phrases.title(part))}: ")
    line.append(part.verdict, style=_STYLES[part.verdict])
    yield line
    where = str(part.spot)
    if isinstance(part, ChangedFunction):
        where += f" in {phrases.objects(part)}"
    yield Text(f"  {one_line(where)}")
    yield from _bullets(phrases.reason_texts(part.reasons), width)
    notes = part.notes if isinstance(part, ChangedFunction) else ()
    yield from _bullets((*notes, *filter(None, [phrases.user_text(part.users)])), width)


def _bullets(texts: Iterator[str] | tuple[str, ...], width: int) -> Iterator[Text]:
    for text in texts:
        first, *others = wrap(one_line(text), max(width - 4, 20), max(width - 4, 20)) or [""]
        yield Text(f"  - {first}")
        yield from (Text(f"    {line}") for line in others)

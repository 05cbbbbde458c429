"""An assessment of a fix in each format of `klplint livepatch`."""

from __future__ import annotations

from klplint.livepatching.assessment import Assessment
from klplint.report import livepatch_json, livepatch_markdown, livepatch_text
from klplint.report.base import PLAIN, Appearance


def render(name: str, assessment: Assessment, appearance: Appearance = PLAIN) -> str:
    """The assessment in a format: `text`, `json` or `markdown`."""
    if name == "json":
        return livepatch_json.render(assessment)
    if name == "markdown":
        return livepatch_markdown.render(assessment)
    return livepatch_text.render(assessment, appearance)

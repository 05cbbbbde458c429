"""Code actions: what corrects a finding, or says why it is right as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from klplint.csource.suppression_edits import add_suppressions
from klplint.findings.finding import Finding
from klplint.findings.fix import Edit
from klplint.lsp.diagnostics import diagnostic
from klplint.lsp.documents import Document, Documents
from klplint.lsp.states import State

PLACEHOLDER = "TODO: say why this is right"
"""The reason in a comment, where the user has set none."""
FIX_ALL = types.CodeActionKind.SourceFixAll.value + ".klplint"


class Actions:
    """Makes the code actions of documents."""

    def __init__(self, documents: Documents, *, has_versions: bool) -> None:
        """`has_versions` says whether the client takes edits of versioned documents."""
        self._documents = documents
        self._has_versions = has_versions
        self.reasons: Sequence[str] = ()
        """The reasons that the user has set for suppressions."""

    def at(self, state: State, wanted: types.Range) -> Iterator[types.CodeAction]:
        """The actions for the findings that a range touches."""
        for finding in state.findings():
            here = state.document.lines.range(finding.place.region, self._documents.encoding)
            if _touch(here, wanted):
                yield from self._of(finding, state)
        edits = _apart(e for f in state.findings() for e in _safe_edits(f))
        if edits and state.linted:
            yield types.CodeAction(
                "klplint: make all safe fixes",
                kind=FIX_ALL,
                edit=self._workspace_edit(edits, state.linted.root),
            )

    def _of(self, finding: Finding, state: State) -> Iterator[types.CodeAction]:
        linted = state.linted
        assert linted is not None  # it has a finding
        of = [diagnostic(finding, linted.root, linted.rules, self._documents)]
        if finding.fix and finding.fix.edits:
            title = finding.fix.title
            yield types.CodeAction(
                f"{title[:1].upper()}{title[1:]} ({finding.code})",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=of,
                is_preferred=finding.fix.safe or None,
                edit=self._workspace_edit(finding.fix.edits, linted.root),
            )
        rule = linted.rules.get(finding.code)
        if rule is None or not rule.is_suppressible:
            return
        for reason in self.reasons or (PLACEHOLDER,):
            edit = self.suppression(state.document, finding.place.region.line, finding.code, reason)
            if edit:
                yield types.CodeAction(
                    f"Suppress {finding.code} here: {reason}",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=of,
                    edit=edit,
                )

    def suppression(
        self, document: Document, line: int, code: str, reason: str
    ) -> types.WorkspaceEdit | None:
        """The edit that adds a suppression above a line; None if none can be added."""
        text = document.full_text
        edited = add_suppressions(text, {line: {code}}, reason)
        if edited.impossible or edited.text == text:
            return None
        start = _common(text, edited.text)
        # Whole lines are added, so the texts differ from the begin of a line on.
        start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        added = edited.text[start : start + len(edited.text) - len(text)]
        position = types.Position(_line_ends(text[:start]), 0)
        place = types.Range(position, position)
        return self._of_documents({document.uri: [types.TextEdit(place, added)]})

    def _workspace_edit(self, edits: Iterable[Edit], root: str) -> types.WorkspaceEdit:
        by_uri: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            path = os.path.join(root, edit.file)  # noqa: PTH118
            place = self._documents.location(path, edit.region)
            by_uri.setdefault(place.uri, []).append(types.TextEdit(place.range, edit.text))
        return self._of_documents(by_uri)

    def _of_documents(self, edits: dict[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
        if not self._has_versions:
            return types.WorkspaceEdit(changes=edits)
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, self._version(uri)), [*each]
                )
                for uri, each in edits.items()
            ]
        )

    def _version(self, uri: str) -> int | None:
        document = self._documents.get(uri)
        return document.version if document else None


def _touch(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have a line in common: a cursor need not be on the finding itself."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line


def _safe_edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix and finding.fix.safe else ()


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that overlap no earlier one."""
    kept: list[Edit] = []
    for edit in sorted(edits):
        last = kept[-1] if kept and kept[-1].file == edit.file else None
        start = edit.region.line, edit.region.column
        if last is None or (last.region.end_line, last.region.end_column) < start:
            kept.append(edit)
    return kept


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # it is asked of large texts: to compare halves is fastest
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[:middle]) else (low, middle - 1)
    return low


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")

"""The check of whole trees on request, in a process of its own, which can be cancelled."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence

from lsprotocol import types

from klplint.lsp.diagnostics import diagnostic
from klplint.lsp.documents import Documents
from klplint.lsp.linter import Linter
from klplint.lsp.messages import Failed, Linted, LintTree, Progressed
from klplint.lsp.progress_reports import ProgressReport

Report = Callable[[str, Callable[[], None]], ProgressReport]


class WorkspaceCheck:
    """Checks trees, and keeps what it results for files that are not open."""

    def __init__(self, command: Sequence[str], documents: Documents, report: Report) -> None:
        self._command = command
        self._documents = documents
        self._report = report
        self._linter: Linter | None = None
        self.results: dict[str, list[types.Diagnostic]] = {}
        """The diagnostics by URI."""

    async def check(self, directories: Sequence[str]) -> list[str]:
        """Check directories; the reasons why some could not be checked."""
        self.cancel()
        self._linter = linter = Linter(self._command)
        report = self._report("klplint: checking the workspace", self.cancel)
        failures, results = [], defaultdict[str, list[types.Diagnostic]](list)
        try:
            for directory in directories:
                request = LintTree(linter.next_number(), directory)
                async for answer in linter.answers(request, Linted):
                    match answer:
                        case Progressed():
                            report.show(answer)
                        case Failed():
                            failures.append(answer.reason)
                        case Linted():
                            self._add(answer, results)
                        case _:
                            pass
        finally:
            report.end()
            linter.kill()
        if linter is self._linter:
            self.results = dict(results)
        return failures

    def _add(self, linted: Linted, results: defaultdict[str, list[types.Diagnostic]]) -> None:
        for finding in linted.findings:
            path = os.path.join(linted.root, finding.place.file)  # noqa: PTH118
            uri = self._documents.uri_of(path)
            results[uri].append(diagnostic(finding, linted.root, linted.rules, self._documents))

    def cancel(self) -> None:
        """End a check that is going on."""
        if self._linter is not None:
            self._linter.kill()

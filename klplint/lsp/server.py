"""The language server: its state, and how it starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from klplint import __version__
from klplint.lsp.actions import Actions
from klplint.lsp.commands import add_commands
from klplint.lsp.diagnostics import diagnostic
from klplint.lsp.documents import Document, Documents
from klplint.lsp.features import add_features
from klplint.lsp.linter import Linter
from klplint.lsp.messages import BarrierNote
from klplint.lsp.progress_reports import ProgressReport
from klplint.lsp.protocol import AnsweringProtocol
from klplint.lsp.scheduler import Scheduler
from klplint.lsp.states import State
from klplint.lsp.workspace_check import WorkspaceCheck

_LOG = logging.getLogger("klplint.lsp")


AtPosition = (
    types.HoverParams | types.DefinitionParams | types.ImplementationParams | types.ReferenceParams
)


class KlplintServer(LanguageServer):
    """The server, with the state of a session."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command` starts the process that lints."""
        super().__init__(
            "klplint",
            __version__,
            protocol_cls=AnsweringProtocol,
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
        )
        self.documents = Documents()
        self.linter = Linter(command)
        self.scheduler = Scheduler(
            self.documents,
            self.linter,
            self.publish,
            lambda: ProgressReport(self, "klplint: reading the tree"),
        )
        self.check = WorkspaceCheck(
            command,
            self.documents,
            lambda title, cancel: ProgressReport(self, title, cancel),
        )
        self.actions = Actions(self.documents, has_versions=False)
        self.task: asyncio.Task[None] | None = None

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log what goes wrong: a message that cannot be read must not open windows."""
        _LOG.error("%s", error, exc_info=error)

    def publish(self, state: State) -> None:
        """Show the findings in a document."""
        linted = state.linted
        if linted is None:
            return
        self.show(
            state.document.uri,
            [
                diagnostic(finding, linted.root, linted.rules, self.documents)
                for finding in state.findings()
            ],
            state.document.version,
        )

    def show(
        self, uri: str, diagnostics: list[types.Diagnostic], version: int | None = None
    ) -> None:
        """Show diagnostics in place of the earlier ones of a document."""
        params = types.PublishDiagnosticsParams(uri, diagnostics, version)
        self.text_document_publish_diagnostics(params)

    def put(self, uri: str, version: int | None) -> Document:
        """Take the text of a document that was opened or changed."""
        text = self.workspace.get_text_document(uri).source
        document = Document(uri, text, version)
        self.documents.put(document)
        if document.is_source and document.is_too_large:
            _LOG.warning("%s: too large to be checked while it is edited", document.path)
        return document

    async def barrier(self, params: AtPosition) -> tuple[State, BarrierNote] | None:
        """The barrier at a position, when the run for the document is over."""
        state = await self.scheduler.state(params.text_document.uri)
        if state is None:
            return None
        place = state.document.lines.place(params.position, self.documents.encoding)
        note = state.barrier_at(*place)
        if note is None and state.document.lines.word_at(*place) in state.others:
            await self.scheduler.list_barriers(state)
            note = state.barrier_at(*place)
        return (state, note) if note else None

    async def end(self) -> None:
        """End what goes on."""
        if self.task is not None:
            self.task.cancel()
        self.check.cancel()
        self.linter.kill()


def serve(command: Sequence[str]) -> None:
    """Serve a client on standard input and output; `command` starts the process that lints."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="klplint lsp: %(message)s")
    # Nothing but the protocol may be written to standard output.
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    server = KlplintServer(command)
    add_features(server)
    add_commands(server)
    with (
        open(source, "rb") as stdin,  # noqa: PTH123
        open(target, "wb") as stdout,  # noqa: PTH123
        contextlib.suppress(asyncio.IncompleteReadError, ConnectionError),
    ):
        try:
            server.start_io(stdin, stdout)
        finally:
            server.linter.kill()
            server.check.cancel()

"""The language server: what the protocol asks, and which module answers it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from klplint import __version__
from klplint.config.settings import CONFIG_NAME
from klplint.lsp import navigation
from klplint.lsp.actions import FIX_ALL, Actions
from klplint.lsp.diagnostics import diagnostic
from klplint.lsp.documents import Document, Documents, path_of
from klplint.lsp.hover import hover
from klplint.lsp.linter import Linter
from klplint.lsp.messages import BarrierNote
from klplint.lsp.progress_reports import ProgressReport
from klplint.lsp.scheduler import Scheduler
from klplint.lsp.states import State
from klplint.lsp.workspace_check import WorkspaceCheck

_LOG = logging.getLogger("klplint.lsp")
CONFIG_FILES = (CONFIG_NAME, "pyproject.toml")
CHECK_WORKSPACE = "klplint.checkWorkspace"
CANCEL_CHECK = "klplint.cancelCheck"
SUPPRESS = "klplint.suppress"


class KlplintServer(LanguageServer):
    """The server, with the state of a session."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command` starts the process that lints."""
        super().__init__(
            "klplint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
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

    async def barrier(
        self, params: types.TextDocumentPositionParams
    ) -> tuple[State, BarrierNote] | None:
        """The barrier at a position, when the run for the document is over."""
        uri = params.text_document.uri
        state = await self.scheduler.state(uri)
        if state is None:
            return None
        place = state.document.lines.place(params.position, self.documents.encoding)
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
    _add_features(server)
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


def _add_features(server: KlplintServer) -> None:
    _add_life(server)
    _add_documents(server)
    _add_barriers(server)
    _add_actions(server)
    _add_commands(server)


def _add_life(server: KlplintServer) -> None:
    """The begin of a session, and changes of the configuration."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.documents.encoding = server.workspace.position_encoding
        workspace = params.capabilities.workspace
        edits = workspace.workspace_edit if workspace else None
        server.actions = Actions(
            server.documents, has_versions=bool(edits and edits.document_changes)
        )
        server.actions.reasons = _reasons(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        server.task = asyncio.create_task(server.scheduler.run())
        with contextlib.suppress(OSError):  # the first run says so
            await server.linter.start()
        await _watch_configuration(server)

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.end()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        if any(Path(path_of(each.uri) or "").name in CONFIG_FILES for each in params.changes):
            server.scheduler.forget()
        else:
            server.scheduler.verify()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        own = settings.get("klplint", settings) if isinstance(settings, dict) else None
        if isinstance(own, dict) and "reasons" in own:
            server.actions.reasons = _reasons(own)
        server.scheduler.forget()


def _reasons(options: object) -> tuple[str, ...]:
    """The reasons for suppressions that a client has set."""
    reasons = options.get("reasons") if isinstance(options, dict) else None
    if not isinstance(reasons, list):
        return ()
    return tuple(each for each in reasons if isinstance(each, str) and each.strip())


async def _watch_configuration(server: KlplintServer) -> None:
    """Ask the client to say when a configuration file changes."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if not watched or not watched.dynamic_registration:
        return
    watchers = [types.FileSystemWatcher(f"**/{name}") for name in CONFIG_FILES]
    registration = types.Registration(
        "klplint-configuration",
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        types.DidChangeWatchedFilesRegistrationOptions(watchers),
    )
    params = types.RegistrationParams([registration])
    try:
        await server.client_register_capability_async(params)
    except Exception as error:  # noqa: BLE001 - a client may refuse, in any way
        _LOG.warning("the client does not watch configuration files: %s", error)


def _add_documents(server: KlplintServer) -> None:
    """Documents that are opened, changed, saved and closed."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = server.put(params.text_document.uri, params.text_document.version)
        server.scheduler.touch(document.uri, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = server.put(params.text_document.uri, params.text_document.version)
        server.scheduler.touch(document.uri)
        server.scheduler.touch_others(document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = path_of(params.text_document.uri)
        if path and Path(path).name in CONFIG_FILES:
            server.scheduler.forget()
        else:
            server.scheduler.verify()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.documents.close(uri)
        server.scheduler.close(uri)
        server.show(uri, server.check.found.get(uri, []))


def _add_barriers(server: KlplintServer) -> None:
    """What is asked about a barrier."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        if (barrier := await server.barrier(params)) is None:
            return None
        return hover(*barrier, server.documents.encoding, server.client_capabilities)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        barrier = await server.barrier(params)
        return navigation.definitions(barrier[1], server.documents) if barrier else None

    @server.feature(types.TEXT_DOCUMENT_IMPLEMENTATION)
    async def implementation(params: types.ImplementationParams) -> list[types.Location] | None:
        barrier = await server.barrier(params)
        return navigation.implementations(barrier[1], server.documents) if barrier else None

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location] | None:
        if (barrier := await server.barrier(params)) is None:
            return None
        with_itself = params.context.include_declaration
        return navigation.references(*barrier, server.documents, with_itself=with_itself)


def _add_actions(server: KlplintServer) -> None:
    kinds = [types.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        state = await server.scheduler.state(params.text_document.uri)
        if state is None:
            return None
        only = params.context.only
        return [
            action
            for action in server.actions.at(state, params.range)
            if only is None or any(_is_of_kind(action.kind, kind) for kind in only)
        ]


def _is_of_kind(kind: str | None, wanted: str) -> bool:
    return kind is not None and (kind == wanted or kind.startswith(f"{wanted}."))


def _add_commands(server: KlplintServer) -> None:
    """The commands of the server."""

    @server.command(CHECK_WORKSPACE)
    async def check_workspace(*_: object) -> int:
        before = [*server.check.found]
        failures = await server.check.check(_directories(server))
        for reason in failures:
            _LOG.warning("%s", reason)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, reason))
        found = server.check.found
        for uri in (*before, *found):
            if server.documents.get(uri) is None:
                server.show(uri, found.get(uri, []))
        return sum(map(len, found.values()))

    @server.command(CANCEL_CHECK)
    def cancel_check(*_: object) -> None:
        server.check.cancel()

    @server.command(SUPPRESS)
    async def suppress(uri: str, line: int, code: str, reason: str) -> bool:
        document = server.documents.get(uri)
        edit = server.actions.suppression(document, line + 1, code, reason) if document else None
        if edit is None:
            return False
        params = types.ApplyWorkspaceEditParams(edit, f"Suppress {code}")
        return (await server.workspace_apply_edit_async(params)).applied


def _directories(server: KlplintServer) -> list[str]:
    """The directories of the workspace; without one, those of the open documents."""
    folders = [path_of(uri) for uri in server.workspace.folders]
    folders += [] if folders else [server.workspace.root_path]
    opened = [os.path.dirname(each.path) for each in server.documents if each.path]  # noqa: PTH120
    return list(dict.fromkeys([path for path in folders if path] or opened))

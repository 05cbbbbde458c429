"""What a client may ask of the server, and which module answers it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from klplint.config.settings import CONFIG_NAME
from klplint.lsp import navigation
from klplint.lsp.actions import FIX_ALL, Actions
from klplint.lsp.documents import path_of
from klplint.lsp.hover import hover

if TYPE_CHECKING:
    from klplint.lsp.server import KlplintServer

_LOG = logging.getLogger("klplint.lsp")
CONFIG_FILES = (CONFIG_NAME, "pyproject.toml")


def add_features(server: KlplintServer) -> None:
    """Let a server answer all that the protocol asks and klplint knows."""
    _add_life(server)
    _add_documents(server)
    _add_barriers(server)
    _add_actions(server)


def _add_life(server: KlplintServer) -> None:
    """The begin of a session, and changes of the configuration."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.documents.encoding = server.workspace.position_encoding or "utf-16"
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
        ours = settings.get("klplint", settings) if isinstance(settings, dict) else None
        if isinstance(ours, dict) and "reasons" in ours:
            server.actions.reasons = _reasons(ours)
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
        server.show(uri, server.check.results.get(uri, []))


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

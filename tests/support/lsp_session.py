"""A session with the language server, as a client has it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.client import JsonRPCClient
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient, make_test_lsp_client

from tests.support.paths import ROOT

SECONDS = 60.0
"""How long an answer may take; none does on a machine with time."""
EDITS = types.WorkspaceEditClientCapabilities(document_changes=True)


def server_command(*options: object) -> list[str]:
    """How an editor starts the server."""
    return [sys.executable, "-m", "klplint", "lsp", *map(str, options)]


class Session:
    """A client that is connected to a server."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self._versions: dict[str, int] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self._came = asyncio.Event()

        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self._came.set()

        client.protocol.fm.features[types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS] = publish

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's process."""
        process = self.client._server  # noqa: SLF001 - pygls has no other way to it
        assert process is not None
        return process

    def uri(self, name: str) -> str:
        """The URI of a file of the tree."""
        return (self.root / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        """A document of the tree."""
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name: str, text: str | None = None) -> None:
        """Open a document, with the text that is on disk unless another one is given."""
        if text is None:
            text = (self.root / name).read_bytes().decode()
        uri = self.uri(name)
        self._versions[uri] = 1
        item = types.TextDocumentItem(uri, types.LanguageKind.C, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, name: str, text: str) -> int:
        """Change the text of a document; its version."""
        uri = self.uri(name)
        self._versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(version=self._versions[uri], uri=uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(identifier, [change])
        )
        return self._versions[uri]

    def close(self, name: str) -> None:
        """Close a document."""
        params = types.DidCloseTextDocumentParams(self.document(name))
        self.client.text_document_did_close(params)

    async def diagnostics(self, name: str, version: int | None = None) -> list[types.Diagnostic]:
        """The diagnostics of a document in its current version."""
        uri = self.uri(name)
        wanted = version or self._versions.get(uri, 1)
        return await self.published_for(
            uri, lambda params: params.version is not None and params.version >= wanted
        )

    async def published_for(
        self, uri: str, is_wanted: Callable[[types.PublishDiagnosticsParams], bool]
    ) -> list[types.Diagnostic]:
        """The latest diagnostics that are wanted, as soon as there are some."""
        async with asyncio.timeout(SECONDS):
            while True:
                for params in reversed(self.published):
                    if params.uri == uri and is_wanted(params):
                        return list(params.diagnostics)
                self._came.clear()
                await self._came.wait()

    def at(self, name: str, line: int, column: int) -> dict[str, Any]:
        """A position of a document, counted from 1, as keywords of parameters."""
        return {
            "text_document": self.document(name),
            "position": types.Position(line - 1, column - 1),
        }

    async def error_of(self, request: dict[str, object]) -> JsonRpcException:
        """The error that a request has, which is sent as it is."""
        number = "as it is"
        future: Future[object] = Future()
        protocol = self.client.protocol
        protocol._request_futures[number] = future  # noqa: SLF001 - pygls sends no malformed one
        body = json.dumps({"jsonrpc": "2.0", "id": number, **request}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        async with asyncio.timeout(SECONDS):
            await asyncio.wait({asyncio.wrap_future(future)})
        error = future.exception()
        assert isinstance(error, JsonRpcException)
        return error

    async def actions(self, name: str, line: int, *only: str) -> list[types.CodeAction]:
        """The code actions on a line, counted from 1."""
        place = types.Range(types.Position(line - 1, 0), types.Position(line - 1, 0))
        context = types.CodeActionContext([], [*only] or None)
        params = types.CodeActionParams(self.document(name), place, context)
        actions = await self.client.text_document_code_action_async(params)
        return [each for each in actions or () if isinstance(each, types.CodeAction)]


@asynccontextmanager
async def connected(
    root: Path,
    *options: object,
    initialization: object = None,
    encodings: Sequence[types.PositionEncodingKind] | None = None,
) -> AsyncIterator[Session]:
    """A session over a tree, which is shut down in the end."""
    client = make_test_lsp_client()
    assert isinstance(client, LanguageClient)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    await client.start_io(*server_command(*options), env=environment)
    session = Session(client, root)
    capabilities = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(apply_edit=True, workspace_edit=EDITS),
        general=types.GeneralClientCapabilities(position_encodings=encodings),
        window=types.WindowClientCapabilities(work_done_progress=True),
    )
    params = types.InitializeParams(
        capabilities=capabilities,
        root_uri=root.as_uri(),
        workspace_folders=[types.WorkspaceFolder(root.as_uri(), "tree")],
        initialization_options=initialization,
    )
    async with asyncio.timeout(SECONDS):
        await client.initialize_session(params)
    try:
        yield session
    finally:
        await _end(client)


async def _end(client: JsonRPCClient) -> None:
    assert isinstance(client, LanguageClient)
    process = client._server  # noqa: SLF001
    if process is not None and process.returncode is None:
        async with asyncio.timeout(SECONDS):
            await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]


def in_session(
    root: Path,
    conversation: Callable[[Session], Coroutine[Any, Any, None]],
    *options: object,
    **settings: Any,
) -> None:
    """Hold a conversation with a server over a tree."""

    async def hold() -> None:
        async with connected(root, *options, **settings) as session:
            await conversation(session)

    asyncio.run(hold())


def applied(text: str, edits: Iterable[types.TextEdit]) -> str:
    """A text with edits, whose positions count characters of ASCII lines."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def offset(position: types.Position) -> int:
        return starts[position.line] + position.character

    for edit in sorted(edits, key=lambda each: offset(each.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text

"""The commands of the server, which a client may bind to keys or menus."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from klplint.lsp.documents import path_of

if TYPE_CHECKING:
    from klplint.lsp.server import KlplintServer

_LOG = logging.getLogger("klplint.lsp")
CHECK_WORKSPACE = "klplint.checkWorkspace"
CANCEL_CHECK = "klplint.cancelCheck"
SUPPRESS = "klplint.suppress"


def add_commands(server: KlplintServer) -> None:
    """The commands of the server."""

    @server.command(CHECK_WORKSPACE)
    async def check_workspace(*_: object) -> int:
        before = [*server.check.results]
        failures = await server.check.check(_directories(server))
        for reason in failures:
            _LOG.warning("%s", reason)
            server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, reason))
        results = server.check.results
        for uri in (*before, *results):
            if server.documents.get(uri) is None:
                server.show(uri, results.get(uri, []))
        return sum(map(len, results.values()))

    @server.command(CANCEL_CHECK)
    def cancel_check(*_: object) -> None:
        server.check.cancel()

    @server.command(SUPPRESS)
    async def suppress(uri: str = "", line: int = 0, code: str = "", reason: str = "") -> bool:
        if not (uri and code):  # pygls calls it without arguments, too
            raise JsonRpcInvalidParams(f"{SUPPRESS} takes a URI, a line, a code and a reason")
        document = server.documents.get(uri)
        edit = server.actions.suppression(document, line + 1, code, reason) if document else None
        if edit is None:
            return False
        params = types.ApplyWorkspaceEditParams(edit, f"Suppress {code}")
        return (await server.workspace_apply_edit_async(params)).applied


def _directories(server: KlplintServer) -> list[str]:
    """The directories of the workspace; without one, those of the open documents."""
    roots = [path_of(uri) for uri in server.workspace.folders]
    roots += [] if roots else [server.workspace.root_path]
    opened = [os.path.dirname(each.path) for each in server.documents if each.path]  # noqa: PTH120
    return list(dict.fromkeys([path for path in roots if path] or opened))

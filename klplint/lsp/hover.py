"""What a hover on a barrier shows."""

from __future__ import annotations

from lsprotocol import types

from klplint.lsp.messages import BarrierNote
from klplint.lsp.states import State


def hover(
    state: State, note: BarrierNote, encoding: str, capabilities: types.ClientCapabilities
) -> types.Hover:
    """The pair of a barrier, in the form that the client shows."""
    document = capabilities.text_document
    formats = document.hover.content_format if document and document.hover else None
    is_plain = formats is not None and types.MarkupKind.Markdown not in formats
    kind = types.MarkupKind.PlainText if is_plain else types.MarkupKind.Markdown
    place = state.document.lines.range(note.region, encoding)
    return types.Hover(types.MarkupContent(kind, note.text), place)

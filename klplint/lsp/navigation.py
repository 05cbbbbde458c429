"""From a barrier to its partners."""

from __future__ import annotations

from lsprotocol import types

from klplint.lsp.documents import Documents
from klplint.lsp.messages import BarrierNote
from klplint.lsp.states import State


def definitions(note: BarrierNote, documents: Documents) -> list[types.Location]:
    """The partners that the comment names or the code shows for certain; else the likeliest."""
    certain = [target for target in note.targets if target.is_certain]
    targets = certain or note.targets[:1]
    return [documents.location(target.path, target.region) for target in targets]


def implementations(note: BarrierNote, documents: Documents) -> list[types.Location]:
    """All barriers that may be partners, the likeliest first."""
    return [documents.location(target.path, target.region) for target in note.targets]


def references(
    state: State, note: BarrierNote, documents: Documents, *, with_itself: bool
) -> list[types.Location]:
    """All barriers that may be partners, and the barrier itself if the client wants it."""
    partners = implementations(note, documents)
    if with_itself and state.document.path:
        return [documents.location(state.document.path, note.region), *partners]
    return partners

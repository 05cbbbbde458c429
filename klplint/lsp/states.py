"""What the last run said about each open document."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field

from klplint.findings.finding import Finding
from klplint.lsp.documents import Document
from klplint.lsp.messages import BarrierNote, Linted


@dataclass
class State:
    """The result for one version of a document."""

    document: Document
    linted: Linted | None = None
    barriers: tuple[BarrierNote, ...] | None = None
    """None until a run with the text has ended."""
    others: frozenset[str] = frozenset()
    """The names of barriers that can be listed, although no rule checks them."""
    listed: tuple[BarrierNote, ...] | None = None
    """All barriers, once somebody asked for one that no rule checks."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while they are listed."""
    is_over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when nothing more will come."""

    def findings(self) -> list[Finding]:
        """The findings in the document itself."""
        if self.linted is None or self.document.path is None:
            return []
        path = os.path.realpath(self.document.path)
        root = self.linted.root
        return [f for f in self.linted.findings if os.path.join(root, f.place.file) == path]  # noqa: PTH118

    def barrier_at(self, line: int, column: int) -> BarrierNote | None:
        """The barrier whose name holds a place."""
        for note in (*(self.barriers or ()), *(self.listed or ())):
            region = note.region
            if region.line == line and region.column <= column <= region.end_column:
                return note
        return None

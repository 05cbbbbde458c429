"""The families of memory barriers: which order reads, which writes, which come with more.

They are data (rules/barriers.toml); this module reads names by them.
"""

from __future__ import annotations

import msgspec

from klplint.analysis.name_patterns import fits_any


class Families(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Names of barriers by what they order; all but readers may be patterns (`*` stands for any
    letters, digits and underscores).

    `read`, `load` and `full` can be a reader's: each name with the usual partner's. `write`,
    `general` and `implied` can be a writer's, but for those in `unordered`; `spoken` stand for
    the writer's side in comments only.
    """

    read: dict[str, str]
    load: dict[str, str]
    full: dict[str, str]
    write: tuple[str, ...]
    general: tuple[str, ...]
    implied: tuple[str, ...]
    unordered: tuple[str, ...]
    spoken: tuple[str, ...]

    @property
    def readers(self) -> dict[str, str]:
        """All that may stand on the reading side, with the usual partner of each."""
        return self.read | self.load | self.full

    def orders_writes(self, name: str) -> bool:
        """Whether a call of `name` orders the writes before it, by itself or by what it does."""
        return self.is_write_barrier(name) or (
            fits_any(name, self.implied) and not fits_any(name, self.unordered)
        )

    def orders_no_writes(self, name: str) -> bool:
        """Whether `name` itself says that it orders no writes, however it is built inside.

        Where an architecture has no barrier for reads alone, it makes one of a full barrier.
        """
        return name in self.read or name in self.load or fits_any(name, self.unordered)

    def is_write_barrier(self, name: str) -> bool:
        """Whether `name` is a barrier by trade that orders writes."""
        return name in self.full or fits_any(name, (*self.write, *self.general))

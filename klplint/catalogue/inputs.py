"""What a catalogue is made from, beside klplint's own rules."""

from __future__ import annotations

from pathlib import Path

import msgspec

from klplint.catalogue.family_tables import FamilyTables
from klplint.catalogue.override_tables import OverrideTable


class CatalogueInputs(msgspec.Struct, frozen=True):
    """The settings that add rules, and those that change them."""

    directories: tuple[Path, ...] = ()
    """Directories of further rules."""
    families: FamilyTables | None = None
    """The barriers that a configuration file adds."""
    overrides: tuple[OverrideTable, ...] = ()
    """The tables of a configuration file that change single rules."""

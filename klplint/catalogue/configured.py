"""The catalogue as settings make it: rules are read, barriers added to them, keys overridden.

This loads all checks. A run begins with the catalogue of an earlier run, if it can: see
`remembered`.
"""

from __future__ import annotations

from klplint.catalogue.inputs import CatalogueInputs
from klplint.catalogue.load import load_catalogue
from klplint.catalogue.overrides import overridden
from klplint.catalogue.own_families import with_families
from klplint.catalogue.rule import LoadedRule


def configured(inputs: CatalogueInputs) -> tuple[LoadedRule, ...]:
    """All rules, klplint's own and further ones. Raises ConfigError for what is malformed."""
    catalogue = with_families(load_catalogue(inputs.directories), inputs.families)
    return overridden(catalogue, inputs.overrides)

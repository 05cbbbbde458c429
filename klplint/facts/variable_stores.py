"""Facts about the stores of a watched variable."""

from __future__ import annotations

from klplint.facts.region import Fact, Region


class VariableStore(Fact, frozen=True, kw_only=True):
    """A store of a watched variable in a function, found by tokens."""

    name: str
    region: Region
    """Where the name of the variable stands."""
    function: str
    value: str
    """The value as written."""
    calls: tuple[str, ...]
    """The functions that are called behind it in the text of its function, each once."""

"""Which functions and members of livepatching a version of the kernel has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec

from klplint.facts.kernel_version import Version
from klplint.facts.livepatch_modules import LivepatchModule, Member, ModuleCall
from klplint.facts.region import Region

Texts = Annotated[tuple[str, ...], msgspec.Meta(extra={"holds": "texts"})]


class Api(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Functions, or members of structures, that only some versions have."""

    names: Texts
    """A function, or a member as `klp_patch.replace`."""
    source: str
    """What shows in which versions they are."""
    since: str = ""
    """The first kernel version that has them; empty for no limit."""
    until: str = ""
    """The last kernel version that has them; empty for no limit."""
    instead: str = ""
    """What to do in other versions, as a sentence goes on behind a semicolon."""

    def __post_init__(self) -> None:
        for limit in (self.since, self.until):
            if limit:
                Version.parse(limit)

    @property
    def span(self) -> str:
        """The versions that have them, as messages say it."""
        if self.since and self.until:
            return f"only Linux {self.since} to {self.until} have it"
        return f"Linux {self.since} added it" if self.since else f"Linux {self.until} has it last"


class Misused(msgspec.Struct, frozen=True):
    """A use of what the kernel does not have."""

    name: str
    region: Region
    api: Api


def misused(module: LivepatchModule, apis: Iterable[Api], version: Version) -> Iterator[Misused]:
    """The calls and members in a module that its kernel does not have."""
    missing = {
        name: api for api in apis if not version.within(api.since, api.until) for name in api.names
    }
    uses: list[ModuleCall | Member] = [*module.calls, *module.members]
    for each in uses:
        if each.name in missing and not each.is_conditional:
            yield Misused(each.name, each.region, missing[each.name])

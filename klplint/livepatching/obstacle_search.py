"""What keeps a function of the tree from being patched, as the data of KLP022 says."""

from __future__ import annotations

import msgspec

from klplint.csource.function_details import details_of
from klplint.csource.outline import Body
from klplint.facts.function_details import FunctionDetails
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition
from klplint.facts.region import Region
from klplint.kernel.objects import KernelObjects
from klplint.livepatching.assessment import Reason, Spot, not_patchable
from klplint.livepatching.file_items import FileItems
from klplint.livepatching.switching import Switching
from klplint.modules.patchability import Unpatchable, obstacles


class Hooks(msgspec.Struct, frozen=True):
    """Answers whether ftrace can hook functions of a tree."""

    data: Unpatchable
    version: Version
    objects: KernelObjects
    switching: Switching = Switching()

    def reasons(self, items: FileItems, body: Body) -> list[Reason]:
        """Why a function cannot be patched; none if it can be."""
        definition = _definition(items, details_of(items.outline, items.path, body))
        line = self.objects.untraced(items.path)
        makefile = None
        if line:
            region = Region(line.line, 1, line.line, len(line.text) + 1)
            makefile = Definition(kind="makefile", name=items.path, path=line.path, region=region)
        return [
            not_patchable(each.reason, Spot(each.place.file, each.place.region.line))
            for each in obstacles(definition, self.data, self.version, makefile)
        ]

    def names(self, path: str) -> tuple[tuple[str, ...], str]:
        """The objects that a file is built into, and the option that decides about them."""
        built = self.objects.of(path)
        names = tuple(dict.fromkeys(each.name for each in built))
        return names, next((each.condition for each in built if each.condition), "")


def _definition(items: FileItems, details: FunctionDetails) -> Definition:
    return Definition(
        kind="function",
        name=details.name,
        path=items.path,
        region=details.region,
        static=details.is_static,
        details=details,
    )

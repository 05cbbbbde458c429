"""Functions with the same name in the same object: a livepatch has to say which one it means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from klplint.csource.function_details import with_details
from klplint.livepatching.assessment import Reason, Spot, with_care
from klplint.livepatching.obstacle_search import Hooks
from klplint.livepatching.users import FilesNaming, Reader
from klplint.modules.old_functions import InObject
from klplint.modules.symbols import Count, count_in

_MOST_READ = 300
"""Files that are read for one name; a name in more of them is not counted."""
_SHOWN = 3


class Namesakes:
    """Counts the functions of a name in an object, as KLP021 does."""

    def __init__(self, files_naming: FilesNaming, read: Reader, hooks: Hooks) -> None:
        self._files_naming = files_naming
        self._read = read
        self._hooks = hooks
        self._naming: Mapping[str, Collection[str]] = {}

    def look_up(self, names: Collection[str]) -> None:
        """Look up which files contain some names, all in one pass over the tree."""
        self._naming = self._files_naming(sorted(names)) if names else {}

    def reasons(self, name: str, path: str, objects: tuple[str, ...]) -> Iterator[Reason]:
        """Why a name does not identify the function of a file in its object."""
        count = self._count(name, objects)
        others = [e.definition for e in count.certain if e.definition.path != path]
        if len(count.certain) > 1 and others:
            places = ", ".join(f"{d.path}:{d.region.line}" for d in others[:_SHOWN])
            more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
            spot = Spot(others[0].path, others[0].region.line)
            yield with_care(
                f"is not the only {name}() in {objects[0]} (also {places}{more}): set old_sympos",
                spot,
            )

    def notes(self, name: str, path: str, objects: tuple[str, ...]) -> Iterator[str]:
        """What to know of other functions that may have the name, as the configuration is."""
        count = self._count(name, objects)
        others = [e.definition for e in count.possible if e.definition.path != path]
        if len(count.certain) < 2 and others:
            yield (
                f"{others[0].path}:{others[0].region.line} also defines {name}(): if both are in "
                f"{objects[0]}, set old_sympos"
            )

    def _count(self, name: str, objects: tuple[str, ...]) -> Count:
        files = self._naming.get(name, ())
        if not objects or len(files) > _MOST_READ:
            return Count((), ())
        meant = [each for each in self._definitions(name, files) if objects[0] in each.objects]
        return count_in(objects[0], meant)

    def _definitions(self, name: str, files: Collection[str]) -> Iterator[InObject]:
        """The functions of a name, with the objects that they are in."""
        is_configured = self._hooks.objects.is_configured
        for file in sorted(files):
            items = self._read(file) if file.endswith(".c") else None
            names, condition = self._hooks.names(file) if items else ((), "")
            for definition in with_details(items.outline, file, name) if items and names else ():
                yield InObject(
                    definition,
                    frozenset(names),
                    bool(condition) and not is_configured,
                    definition.details,
                )

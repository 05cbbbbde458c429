"""Which object a source file is built into, vmlinux or a module, as its Makefiles say.

Kbuild builds a file where a Makefile lists its `.o`: in obj-y, obj-m or obj-$(CONFIG_X), or in the
list of an object that is listed there (`name-objs`, `name-y`, `name-$(CONFIG_X)`). The Makefile is
that of the file's directory or of one above; directories are listed in the Makefiles above them.
Where the tree is configured, its `.config` decides. Else what Kconfig lets be a module counts as
both. A file that another one includes is in the objects of that one.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from klplint.kernel.built_place import BuiltPlace, strongest, weaker
from klplint.kernel.included_sources import included_sources
from klplint.kernel.kbuild_file import Condition, MakefileLine, is_set
from klplint.kernel.kbuild_lists import DirectoryLists, Entry, find_makefile
from klplint.kernel.kconfig import configured_options
from klplint.kernel.kconfig_types import KconfigTypes
from klplint.kernel.tree import Kernel
from klplint.kernel.untraced import tracing_removed

VMLINUX = "vmlinux"
"""The name of the object of all that is built in."""
_OBJECTS = ("obj", "lib")
_SOURCE = re.compile(r"\.[cS]$")
_MOST_NESTED = 4  # objects in objects
_UNRESOLVED = re.compile(r"\\\$(?:\\\(|\{).*?(?:\\\)|\})")


class KernelObject(msgspec.Struct, frozen=True):
    """An object that livepatches can name."""

    name: str
    """`vmlinux`, or the name of a module with `-` as `_`."""
    condition: str = ""
    """The CONFIG_ option that decides whether the file is in it; "" if none does."""


class _Listed(NamedTuple):
    """Where a Makefile lists an object."""

    directory: str
    entry: Entry
    parts: tuple[Entry, ...]
    """The entries of the lists through which the object is a part of the one listed."""


class KernelObjects:
    """The objects of a tree. Makefiles are read when they are needed, each once."""

    def __init__(self, tree: Kernel) -> None:
        self._root = tree.root
        self._tree = tree
        self._types = KconfigTypes(tree.root)
        self._lists: dict[str, DirectoryLists | None] = {}
        self._included: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._built_files: dict[str, tuple[KernelObject, ...]] = {}
        self._untraced_files: dict[str, MakefileLine | None] = {}
        self._built_directories: dict[str, BuiltPlace] = {}

    def of(self, path: str) -> tuple[KernelObject, ...]:
        """The objects that a source file is built into; none where that is not plain.

        `path` is relative to the root of the tree.
        """
        if path not in self._built_files:
            self._built_files[path] = self._objects_of(path)
        return self._built_files[path]

    def _objects_of(self, path: str) -> tuple[KernelObject, ...]:
        objects = tuple(dict.fromkeys(self._built_from(path)))
        if objects or not _SOURCE.search(path):
            return objects
        around = (o for including in self._including(path) for o in self._built_from(including))
        return tuple(dict.fromkeys(around))

    def untraced(self, path: str) -> MakefileLine | None:
        """The line of a Makefile that takes the flags for ftrace away from a file, if one does."""
        if path not in self._untraced_files:
            files = (path, *(self._including(path) if not self._built_from(path) else ()))
            lines = (tracing_removed(file, self._lists_in, self._options) for file in files)
            self._untraced_files[path] = next(filter(None, lines), None)
        return self._untraced_files[path]

    def is_left_out(self, path: str) -> bool:
        """Whether the `.config` of the tree leaves out a file that Makefiles list."""
        return self.is_configured and bool(self._places(path)) and not self.of(path)

    @property
    def is_configured(self) -> bool:
        """Whether a `.config` decides which objects there are."""
        return bool(self._options)

    @cached_property
    def _options(self) -> dict[str, str]:
        """The options of the tree's `.config`, with CONFIG_; none without one."""
        return {f"CONFIG_{n}": value for n, value in configured_options(self._tree).items()}

    def _including(self, path: str) -> tuple[str, ...]:
        """The C files of the same directory that include a source file."""
        directory, _, name = path.rpartition("/")
        if directory not in self._included:
            self._included[directory] = included_sources(self._root / directory)
        return tuple(
            posixpath.join(directory, including)
            for including in self._included[directory].get(name, ())
        )

    def _built_from(self, path: str) -> list[KernelObject]:
        """The objects that a file is built into by a Makefile that lists it."""
        return [o for listed in self._places(path) for o in self._objects(*listed)]

    def _places(self, path: str) -> list[_Listed]:
        """Where a Makefile lists a file."""
        if not _SOURCE.search(path):
            return []
        target = _SOURCE.sub(".o", path)
        for above in PurePosixPath(path).parents:
            directory = "" if above == PurePosixPath() else above.as_posix()
            for place in (directory, *self._beside(directory, path)):
                if listed := self._listed_in(place, target):
                    return listed
        for place in self._including_makefile(posixpath.dirname(path)):
            if listed := self._listed_in(place, target):
                return listed
        return []

    def _listed_in(self, directory: str, target: str) -> list[_Listed]:
        """Where the Makefile of a directory lists an object."""
        lists = self._lists_in(directory)
        within = posixpath.relpath(target, directory or ".")
        listed = self._listed(lists, within) if lists else []
        return [_Listed(directory, *each) for each in listed]

    def _including_makefile(self, directory: str) -> list[str]:
        """The directories of architectures whose Makefiles include one of `directory`.

        So virt/kvm is built in each arch/NAME/kvm.
        """
        included = re.compile(rf"^[ \t]*-?include[ \t].*/{re.escape(directory)}/", re.MULTILINE)
        return [place for place, text in self._architecture_makefiles if included.search(text)]

    @cached_property
    def _architecture_makefiles(self) -> list[tuple[str, str]]:
        """The directories arch/NAME/ANY, x86 first, and the texts of their Makefiles."""
        makefiles = []
        for path in sorted((self._root / "arch").glob("*/*/Makefile")):
            with contextlib.suppress(OSError):
                text = path.read_text(encoding="utf-8", errors="replace")
                makefiles.append((path.parent.relative_to(self._root).as_posix(), text))
        return sorted(makefiles, key=lambda each: not each[0].startswith("arch/x86/"))

    def _beside(self, directory: str, path: str) -> Iterator[str]:
        """Directories that a Makefile lists, and that may build a file which is not below them."""
        lists = self._lists_in(directory) if directory else None
        first = posixpath.relpath(path, directory or ".").split("/", 1)[0]
        for entry in lists.entries.get("obj", ()) if lists else ():
            within = posixpath.join(directory, entry.word.rstrip("/"))
            is_deep = entry.word.startswith(f"{first}/") and entry.word.count("/") > 1
            if is_deep and not path.startswith(f"{within}/"):
                yield within

    def _lists_in(self, directory: str) -> DirectoryLists | None:
        if directory not in self._lists:
            makefile = find_makefile(self._root, directory)
            lists = DirectoryLists(self._root, directory, makefile) if makefile else None
            self._lists[directory] = lists
        return self._lists[directory]

    def _listed(self, lists: DirectoryLists, target: str) -> list[tuple[Entry, tuple[Entry, ...]]]:
        """Where obj-y and the like list an object, or one that it is a part of.

        With each entry come those of the lists through which the object is a part of it.
        """
        listed: list[tuple[Entry, tuple[Entry, ...]]] = []
        pending: list[tuple[str, tuple[Entry, ...]]] = [(target, ())]
        while pending:
            word, parts = pending.pop()
            is_composite = not parts and word.removesuffix(".o") in lists.entries
            for stem, entries in lists.entries.items():
                for entry in entries:
                    if not _is_meant(entry.word, word):
                        continue
                    if stem in _OBJECTS and not is_composite:
                        listed.append((entry, parts))
                    elif stem not in _OBJECTS and len(parts) < _MOST_NESTED:
                        pending.append((f"{stem}.o", (*parts, entry)))
        return listed

    def _objects(
        self, directory: str, entry: Entry, parts: tuple[Entry, ...]
    ) -> Iterator[KernelObject]:
        """The objects that an entry of obj-y or the like makes of a file."""
        whole = self._directory(directory)
        here = self._place(entry, directory)
        conditions = (here.condition, *(_condition(p) for p in reversed(parts)), whole.condition)
        condition = next(filter(None, conditions), "")
        if "n" in (whole.value, here.value) or not all(map(self._is_part, parts)):
            return
        module = posixpath.basename(entry.word).removesuffix(".o").replace("-", "_")
        if here.value in ("m", "") and "$" not in module:
            yield KernelObject(module, condition)
        if here.value in ("y", "") and whole.value != "m":
            yield KernelObject(VMLINUX, condition)

    def _is_part(self, entry: Entry) -> bool:
        """Whether the `.config` makes a word a part of its list."""
        option = entry.name.option
        conditions = [*entry.conditions, *([is_set(option)] if option else [])]
        return self._may_hold(conditions)

    def _may_hold(self, conditions: list[Condition]) -> bool:
        return not self.is_configured or all(c.holds(self._options) for c in conditions)

    def _place(self, entry: Entry, directory: str) -> BuiltPlace:
        """How an entry of obj-y, obj-m, obj-$(CONFIG_X), lib-y is built."""
        if not self._may_hold([*entry.conditions]):
            return BuiltPlace("n")
        condition = _condition(entry)
        suffix, option = entry.name.suffix, entry.name.option
        if suffix in ("y", "m"):
            return BuiltPlace(suffix, condition)
        if not option:
            return BuiltPlace("", condition)
        if self.is_configured:
            value = self._options.get(option, "n")
            return BuiltPlace("y" if value == "m" and entry.name.is_built_in else value, option)
        is_bool = self._types.may_be_module(option, directory) is False
        return BuiltPlace("y" if is_bool or entry.name.is_built_in else "", option)

    def _directory(self, directory: str) -> BuiltPlace:
        """How a directory is built: the weakest of the places that list it and those above."""
        if not directory:
            return BuiltPlace("y")
        if directory not in self._built_directories:
            self._built_directories[directory] = self._directory_place(directory)
        return self._built_directories[directory]

    def _directory_place(self, directory: str) -> BuiltPlace:
        for above in PurePosixPath(directory).parents:
            outer = "" if above == PurePosixPath() else above.as_posix()
            lists = self._lists_in(outer)
            target = posixpath.relpath(directory, outer or ".") + "/"
            listed = self._listed(lists, target) if lists else []
            around = self._directory(outer) if lists else BuiltPlace("y")
            if listed:
                places = [self._place(entry, outer) for entry, _ in listed]
                return weaker(around, strongest(places))
            if lists and any(_is_meant(e.word, target) for e in lists.entries.get("subdir", ())):
                return BuiltPlace("n")
            if lists:
                return around
        return BuiltPlace("y")


def _condition(entry: Entry) -> str:
    """The option that decides about an entry, or that has to be set around it."""
    around = [c.option for c in reversed(entry.conditions) if c.is_equal == bool(c.value)]
    return entry.name.option or next(iter(around), "")


def _is_meant(word: str, target: str) -> bool:
    """Whether a word of a list means an object; what make would fill in may be anything."""
    if "$" not in word:
        return word == target
    pattern = _UNRESOLVED.sub(r"\\w+", re.escape(word))
    return len(word) > 8 and re.fullmatch(pattern, target) is not None

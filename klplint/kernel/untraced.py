"""Which Makefile lines take the flags for ftrace away, so that no function of a file can be hooked.

These are CFLAGS_REMOVE_file.o, ccflags-remove-y, and a KBUILD_CFLAGS without $(CC_FLAGS_FTRACE).
CFLAGS_file.o may add the flags again. Source: Documentation/kbuild/makefiles.rst.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from klplint.kernel.kbuild_file import Assignment, MakefileLine, is_set
from klplint.kernel.kbuild_lists import DirectoryLists, list_name

_FLAGS = re.compile(
    r"\$[({]CC_FLAGS_FTRACE[)}]|(?<!\S)-pg(?!\S)|(?<!\S)-mfentry\b|-fpatchable-function-entry"
)
_LEFT_OUT = re.compile(r"\$[({](?:subst|filter-out)\s[^,]*\$[({]CC_FLAGS_FTRACE[)}]")


def tracing_removed(
    path: str, lists_in: Callable[[str], DirectoryLists | None], options: Mapping[str, str]
) -> MakefileLine | None:
    """The line that takes the flags for ftrace away from a file, if one does.

    `lists_in` reads the Makefile of a directory. `options` are those of the `.config`, none if
    there is none.
    """
    target = re.sub(r"\.[cS]$", ".o", path)
    removed: MakefileLine | None = None
    is_nearest = True
    for above in PurePosixPath(path).parents:
        directory = "" if above == PurePosixPath() else above.as_posix()
        lists = lists_in(directory)
        if lists is None:
            continue
        relative = posixpath.relpath(target, directory or ".")
        for assignment in _in_force(lists, options):
            if _adds(assignment, relative):
                return None
            if directory and _removes(lists, assignment, relative, is_nearest):
                removed = removed or assignment.place
        is_nearest = False
    return removed


def _in_force(lists: DirectoryLists, options: Mapping[str, str]) -> Iterator[Assignment]:
    """The assignments that a configuration does not exclude."""
    for assignment in lists.assignments:
        name = list_name(assignment.name)
        conditions = [
            *assignment.conditions,
            *([is_set(name.option)] if name and name.option else []),
        ]
        if not options or all(c.holds(options) for c in conditions):
            yield assignment


def _adds(assignment: Assignment, relative: str) -> bool:
    return assignment.name == f"CFLAGS_{relative}" and bool(_FLAGS.search(assignment.value))


def _removes(lists: DirectoryLists, assignment: Assignment, relative: str, is_near: bool) -> bool:
    """Whether an assignment takes the flags away from an object."""
    name = assignment.name
    if name == "KBUILD_CFLAGS":
        return _LEFT_OUT.search(assignment.value) is not None
    is_meant = name == f"CFLAGS_REMOVE_{relative}" or (
        is_near and re.fullmatch(r"ccflags-remove-(?:y|\$.*)", name) is not None
    )
    return is_meant and _FLAGS.search(lists.expanded(assignment)) is not None

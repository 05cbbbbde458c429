"""What it means for a livepatch that a fix changes a file that is not C code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from klplint.livepatching.assessment import (
    ChangedItem,
    ItemKind,
    Spot,
    not_patchable,
    with_care,
)
from klplint.livepatching.fix import FileChange

_OUTSIDE = ("Documentation", "tools", "scripts", "LICENSES", ".github", "usr")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_HELP = re.compile(
    r"^[ \t]*(?:help|---help---)[ \t]*\n(?:[ \t]*\n|[ \t]{2,}.*\n|\t.*\n)*", re.MULTILINE
)

_KINDS: tuple[tuple[re.Pattern[str], ItemKind], ...] = (
    (re.compile(r"Kconfig[^/]*|[^/]*defconfig|[^/]*\.config"), "Kconfig"),
    (re.compile(r"Makefile[^/]*|Kbuild[^/]*|[^/]*\.mk"), "Makefile"),
    (re.compile(r"[^/]*\.lds(?:\.S|\.h)?"), "linker script"),
    (re.compile(r"[^/]*\.(?:dtsi?|dtso|dts\.\w+)"), "device tree"),
    (re.compile(r"[^/]*\.S"), "assembly"),
)
_CONSEQUENCES: Mapping[ItemKind, tuple[str, bool]] = {
    "assembly": ("is assembly, which ftrace cannot hook", True),
    "Kconfig": (
        "decides what is built, but the kernel in memory has its configuration already",
        True,
    ),
    "linker script": ("decides where things are in memory, which is done", True),
    "device tree": ("is read when the kernel starts, which is over", True),
    "Makefile": (
        "decides how files are compiled: what it adds has to be in the livepatch",
        False,
    ),
}
"""What follows from the change of a file, and whether a livepatch cannot make it."""
_WITHOUT_CODE = re.compile(
    r"(?:MAINTAINERS|CREDITS|COPYING|README[^/]*|\.mailmap|\.gitignore|\.get_maintainer.*"
    r"|\.clang-format|[^/]*\.(?:rst|txt|md|yaml))"
)


def reason_to_ignore(path: str) -> str:
    """Why a file does not matter for a kernel that runs; "" if it may."""
    first = PurePosixPath(path).parts[0]
    if first in _OUTSIDE:
        return f"{first}/ is not part of the kernel in memory"
    if _WITHOUT_CODE.fullmatch(PurePosixPath(path).name):
        return "it holds no code"
    return ""


def kind_of(path: str) -> ItemKind | None:
    """What kind of file a path is, if it is not C and klplint has something to say about it."""
    name = PurePosixPath(path).name
    return next((kind for pattern, kind in _KINDS if pattern.fullmatch(name)), None)


def is_same(kind: ItemKind, before: str, after: str) -> bool:
    """Whether two states of a Kconfig file or a Makefile differ only in comments and help."""
    return _plain(kind, before) == _plain(kind, after)


def _plain(kind: ItemKind, text: str) -> list[list[str]]:
    """The words of each line that counts."""
    text = _HELP.sub("", text) if kind == "Kconfig" else text
    return [line.split() for line in _COMMENT.sub("", text).split("\n") if line.strip()]


def changed_file(change: FileChange, kind: ItemKind) -> ChangedItem:
    """The change of a file that is not C code."""
    spot = Spot(change.path, change.first_line)
    text, is_fatal = _CONSEQUENCES[kind]
    return ChangedItem(
        kind=kind,
        name=change.path,
        spot=spot,
        change=change.change,
        reasons=((not_patchable if is_fatal else with_care)(text, spot),),
    )


def moved_file(change: FileChange) -> ChangedItem | None:
    """A C file that a fix creates, deletes or renames, as a change; None for any other change."""
    spot = Spot(change.path, 1)
    if change.old == change.new or (change.change != "changed" and change.path.endswith(".h")):
        return None
    text = {
        "added": "is a new file, which has to be compiled into the livepatch",
        "removed": "is deleted: its code and data stay in memory, and go on being used",
        "changed": f"is {change.new} after the fix; compile the livepatch from that",
    }[change.change]
    return ChangedItem(
        kind="file",
        name=change.path,
        spot=spot,
        change=change.change,
        reasons=(with_care(text, spot),),
    )

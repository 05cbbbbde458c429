"""What it means for a livepatch that a fix changes a file that is not C code."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from klplint.livepatching.assessment import ItemKind, Reason, Spot, not_patchable, with_care

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


def _plain(kind: ItemKind, text: str) -> list[str]:
    if kind == "Kconfig":
        text = _HELP.sub("", text)
    return [line.split() for line in _COMMENT.sub("", text).split("\n") if line.strip()]  # type: ignore[misc]


def file_reason(kind: ItemKind, spot: Spot) -> Reason:
    """Why a change of such a file cannot be livepatched, or only with care."""
    match kind:
        case "assembly":
            return not_patchable("is assembly, which ftrace cannot hook", spot)
        case "Kconfig":
            return not_patchable(
                "decides what is built, but the kernel in memory has its configuration already",
                spot,
            )
        case "linker script":
            return not_patchable("decides where things are in memory, which is done", spot)
        case "device tree":
            return not_patchable("is read when the kernel starts, which is over", spot)
        case _:
            return with_care(
                "decides how files are compiled: see whether flags or the list of files change; "
                "what it adds has to be compiled into the livepatch",
                spot,
            )

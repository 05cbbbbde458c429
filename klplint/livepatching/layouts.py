"""Whether two definitions of a structure have the same layout, by their tokens."""

from __future__ import annotations

import re

# Annotations of members for checkers, which change no layout.
_ANNOTATIONS = re.compile(
    r"\b__(?:user|rcu|iomem|percpu|force|bitwise|nonstring|private|must_check|kernel)\b"
    r"|\b__(?:counted_by|counted_by_le|counted_by_be|guarded_by|sized_by)\s*\([^()]*\)"
    r"|\b(?:const|volatile)\b"
)
# Where a variable is kept, and who may use it.
_PLACED = re.compile(
    r"\b(?:static|extern|const|volatile|__read_mostly|__ro_after_init|__initdata|__initconst"
    r"|__maybe_unused|__used|__refdata|__cacheline_aligned\w*|____cacheline_aligned\w*)\b"
)
_POINTER = re.compile(r"\( \* ([A-Za-z_]\w*) \) \(")


def same_layout(before: str, after: str) -> bool:
    """Whether two texts of tokens differ in nothing that changes a layout."""
    return _plain(before) == _plain(after)


def changed_callbacks(before: str, after: str) -> tuple[str, ...]:
    """The names of the pointers to functions that differ, if nothing else does."""
    old, new = _members(before), _members(after)
    changed = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    names = [tuple(map(_callback, pair)) for pair in changed]
    if len(old) != len(new) or any(not first or first != second for first, second in names):
        return ()
    return tuple(first for first, _ in names)


def variable_parts(text: str) -> tuple[list[str], list[str]]:
    """The type and the value in the tokens of a variable, without what changes neither."""
    declared, _, value = text.partition("=")
    return _PLACED.sub(" ", declared).replace(";", " ").split(), value.replace(";", " ").split()


def is_private_constant(text: str) -> bool:
    """Whether the tokens of a variable are those of a constant that only its file can name."""
    declared = text.partition("=")[0]
    is_constant = "const" in declared.rpartition("*")[2].split()
    return "static" in declared.split() and is_constant


def _members(text: str) -> list[str]:
    return " ".join(_plain(text)).split(" ; ")


def _callback(member: str) -> str:
    """The name of a pointer to a function; "" for another member."""
    match = _POINTER.search(member)
    return match[1] if match else ""


def _plain(text: str) -> list[str]:
    return _ANNOTATIONS.sub(" ", text).split()

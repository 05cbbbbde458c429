"""Paths in groups of a size that people can survey: directories, divided where they are large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

# A directory with more entries is divided; a part of it with fewer stays with the rest.
_LARGE = 40
_SMALL = 5
_DEEPEST = 4


def subsystems(paths: Iterable[str]) -> dict[str, str]:
    """The group of each path; a path that occurs several times counts as often.

    A group is a directory, with its `/`. What is left of a directory that was divided is a group,
    too: `drivers/ (other)`.
    """
    counts = Counter(paths)
    groups: dict[str, str] = {}
    _divide("", 0, counts, groups)
    names = {group: _name(group, groups.values()) for group in set(groups.values())}
    return {path: names[group] for path, group in groups.items()}


def _name(group: str, groups: Iterable[str]) -> str:
    if not group:
        return "(root)"
    is_divided = any(other != group and other.startswith(group) for other in groups)
    return f"{group} (other)" if is_divided else group


def _divide(directory: str, depth: int, counts: Counter[str], groups: dict[str, str]) -> None:
    """Give the paths below a directory their groups."""
    parts: dict[str, Counter[str]] = {}
    for path, number in counts.items():
        part = _part_of(path, directory)
        parts.setdefault(part, Counter())[path] = number
    for part, inside in parts.items():
        stands_alone = part != directory and (not directory or inside.total() >= _SMALL)
        if stands_alone and inside.total() > _LARGE and depth < _DEEPEST:
            _divide(part, depth + 1, inside, groups)
        else:
            groups.update(dict.fromkeys(inside, part if stands_alone else directory))


def _part_of(path: str, directory: str) -> str:
    """The directory just below another one that holds a path; that one itself for its files."""
    name, slash, _ = path[len(directory) :].partition("/")
    return f"{directory}{name}{slash}" if slash else directory

"""`patched_funcs.csv`: the functions that a livepatch patches, one a line, as text.

A line has the object, the patched function and the new function, with spaces between; behind them
may be a condition of the preprocessor. `#` begins a comment.
"""

from __future__ import annotations

import re
from collections import defaultdict

from klplint.csource.version_conditions import depends_on_more
from klplint.facts.livepatch_modules import (
    FunctionTable,
    LivepatchModule,
    ObjectTable,
    PatchedFunction,
    PatchedObject,
    Unread,
)
from klplint.facts.region import Region

NAME = "patched_funcs.csv"
"""The name of such a file: the listing of files takes it from there."""
_NAME_IN_C = re.compile(r"[A-Za-z_][\w.]*")
_OBJECT = re.compile(r"[\w./-]+")
_FIELD = re.compile(r"[^\s,;]+")
_LEAST = 3


def is_csv(path: str) -> bool:
    """Whether a path is that of such a file."""
    return path.rpartition("/")[2] == NAME


def module_of_csv(text: str) -> LivepatchModule:
    """The tables of a text, by object."""
    by_object: defaultdict[str, list[PatchedFunction]] = defaultdict(list)
    places: dict[str, Region] = {}
    unread: list[Unread] = []
    for number, line in enumerate(text.splitlines(), 1):
        written = line.partition("#")[0]
        if not written.strip():
            continue
        fields = list(_FIELD.finditer(written))
        problem = _problem(fields)
        if problem:
            unread.append(Unread(Region(number, 1, number, len(line) + 1), problem))
            continue
        name, old, new = fields[:_LEAST]
        places.setdefault(name[0], _region(number, name))
        by_object[name[0]].append(
            PatchedFunction(
                old_name=old[0],
                old_region=_region(number, old),
                new_name=new[0],
                new_region=_region(number, new),
                region=Region(number, 1, number, len(line.rstrip()) + 1),
                is_conditional=depends_on_more(field[0] for field in fields[_LEAST:]),
            )
        )
    objects = tuple(
        _object(name, tuple(functions), places[name]) for name, functions in by_object.items()
    )
    table = ObjectTable(name=NAME, region=Region(1, 1, 1, 1), objects=objects)
    return LivepatchModule(objects=(table,), unread=tuple(unread), is_csv=True)


def _object(name: str, functions: tuple[PatchedFunction, ...], region: Region) -> PatchedObject:
    """An object, which a line may name by the path of its file: net/bluetooth/bluetooth."""
    module = name.rpartition("/")[2].removesuffix(".ko").replace("-", "_")
    table = FunctionTable(name=NAME, region=region, functions=functions)
    return PatchedObject(name=module, region=region, written=module, tables=(table,))


def _problem(fields: list[re.Match[str]]) -> str:
    """Why a line is not one of the table; empty if it is."""
    if len(fields) < _LEAST:
        count = len(fields)
        return f"has {count} column{'s' * (count != 1)}; expected object, old and new function"
    if not _OBJECT.fullmatch(fields[0][0]):
        return f"the first column, `{fields[0][0]}`, is not the name of an object"
    for field in fields[1:_LEAST]:
        if not _NAME_IN_C.fullmatch(field[0]):
            return f"`{field[0]}` is not the name of a function"
    return ""


def _region(line: int, match: re.Match[str]) -> Region:
    return Region(line, match.start() + 1, line, match.end() + 1)

"""Answers to queries about a kernel's objects, its Makefiles, and the types of its functions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from klplint.cache.keys import key_of
from klplint.engine.compile_targets import CompileTargets
from klplint.engine.dependencies import Dependencies
from klplint.engine.session import Session
from klplint.facts.queries import (
    BuiltInto,
    Definition,
    KernelQuery,
    MadeBy,
    PrototypeIn,
    Query,
    Untraced,
)
from klplint.facts.region import Region
from klplint.facts.watch import Watch
from klplint.frontend.parse import load_libclang
from klplint.frontend.prototypes import prototypes
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.existence import is_file
from klplint.kernel.makefile import NAMES as MAKEFILES
from klplint.kernel.objects import KernelObjects
from klplint.kernel.sources import kernel_listing
from klplint.source_text import source_or_nothing

_NOWHERE = Region(1, 1, 1, 1)
_NO_NAMES = Watch()

Answer = tuple[Query, tuple[Definition, ...]]


def answer_kernel_queries(queries: Iterable[KernelQuery], session: Session) -> Iterator[Answer]:
    """The answers to some queries; empty ones where nothing is plain."""
    types: list[PrototypeIn] = []
    for query in queries:
        if isinstance(query, BuiltInto | Untraced):
            _note_makefiles(query.name, session)
        match query:
            case PrototypeIn():
                types.append(query)
            case BuiltInto():
                yield query, tuple(_objects_of(query, session))
            case MadeBy():
                yield query, tuple(_makefiles_of(query, session))
            case Untraced():
                yield query, tuple(_untraced(query, session))
    yield from _types(types, session)


def _objects(session: Session) -> KernelObjects:
    return session.memo.once(KernelObjects, session.sources.kernel)


def _in_kernel(path: str, session: Session) -> str | None:
    """A path from the root of the kernel; None for a file of another project."""
    root = session.sources.kernel.root
    absolute = session.sources.root / path
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else None


def _note_makefiles(name: str, session: Session) -> None:
    """Note what the answer about a file depends on: a saved result holds only for the same."""
    path, kernel = _in_kernel(name, session), session.sources.kernel
    dependencies = session.memo.once(Dependencies, session)
    for directory in PurePosixPath(path or "").parents if path else ():
        for makefile in (*MAKEFILES, "Kconfig"):
            dependencies.digest(kernel.root / directory / makefile)
    dependencies.digest(kernel.output / ".config")


def _objects_of(query: BuiltInto, session: Session) -> Iterator[Definition]:
    path = _in_kernel(query.name, session)
    if path is None:
        return
    objects = _objects(session)
    for each in objects.of(path):
        condition = "" if objects.is_configured else each.condition
        yield Definition(
            kind="kernel-object", name=each.name, path=query.name, region=_NOWHERE, text=condition
        )


def _makefiles_of(query: MadeBy, session: Session) -> Iterator[Definition]:
    """The Makefiles that have the name of a module as that of an object file or a list."""
    name = re.sub("[-_]", "[-_]", re.escape(query.name).replace(r"\-", "-"))
    listed = re.compile(rf"(?<![\w-]){name}(?:\.o|-objs|-y)(?![\w-])")
    root = session.sources.kernel.root
    dependencies = session.memo.once(Dependencies, session)
    directories = {PurePosixPath(path).parent for path in kernel_listing(session.sources)}
    is_listed = False
    for directory in sorted(directories.union(*(each.parents for each in directories))):
        for makefile in MAKEFILES:
            path = root / directory / makefile
            if is_file(path) and listed.search(source_or_nothing(path)):
                is_listed = True
                dependencies.digest(path)
                yield Definition(
                    kind="makefile",
                    name=query.name,
                    path=(directory / makefile).as_posix(),
                    region=_NOWHERE,
                )
    if not is_listed:  # any Makefile may list it later: a saved result could not know of that
        session.is_complete = False


def _untraced(query: Untraced, session: Session) -> Iterator[Definition]:
    path = _in_kernel(query.name, session)
    line = _objects(session).untraced(path) if path is not None else None
    if line is not None:
        region = Region(line.line, 1, line.line, len(line.text) + 1)
        yield Definition(
            kind="makefile", name=query.name, path=line.path, region=region, text=line.text
        )


def _types(queries: list[PrototypeIn], session: Session) -> Iterator[Answer]:
    """The types of functions: from the cache, else by parsing each file once."""
    by_file: defaultdict[str, list[PrototypeIn]] = defaultdict(list)
    for query in queries:
        by_file[query.file].append(query)
    if not by_file or not session.execution.parse:
        return
    targets = session.memo.once(CompileTargets, session)
    keys = {file: _key(file, asked, targets) for file, asked in by_file.items()}
    cached = session.recall(filter(None, keys.values()), tuple[Definition, ...])
    types = {file: cached[key] for file, key in keys.items() if key and key in cached}
    new = _parsed({f: asked for f, asked in by_file.items() if f not in types}, targets, session)
    session.remember({key: new[f] for f, key in keys.items() if key and f in new})
    types |= new
    for file, asked in by_file.items():
        for query in asked:
            yield query, tuple(d for d in types.get(file, ()) if d.name == query.name)


def _key(file: str, queries: list[PrototypeIn], targets: CompileTargets) -> bytes | None:
    key = targets.key(file, _NO_NAMES)
    return key_of("types", key, sorted(query.name for query in queries)) if key else None


def _parsed(
    by_file: dict[str, list[PrototypeIn]], targets: CompileTargets, session: Session
) -> dict[str, tuple[Definition, ...]]:
    """The types of functions, by file; a file that cannot be parsed is missing."""
    files = list(by_file)
    if files:
        load_libclang()
    tasks: list[tuple[CompileUnit, str, tuple[str, ...]]] = [
        (targets.unit(file, frozenset()), file, tuple(sorted(q.name for q in by_file[file])))
        for file in files
    ]
    types: dict[str, tuple[Definition, ...]] = {}
    seconds = session.execution.seconds_per_file
    for number, result in session.workers.run(_in_worker, tasks, seconds):
        if isinstance(result, list):
            types[files[number]] = tuple(result)
    return types


def _in_worker(unit: CompileUnit, path: str, names: tuple[str, ...]) -> list[Definition] | None:
    """The types of functions in a file; None where it cannot be read."""
    try:
        return prototypes(unit, path, names)
    except OSError:
        return None

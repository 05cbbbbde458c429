"""The reading of files in a pass: what each of them holds of some queries.

A pass searches for the names of all queries at once. Files in which a definition may begin are
then read by their tokens. The hits in a file depend on that file alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from klplint.csource.cleanup_classes import constructed
from klplint.csource.definitions import (
    begins_definition,
    definitions_in,
    is_static,
    may_define,
    wanted_pattern,
)
from klplint.csource.handovers import Handovers
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import (
    Definition,
    DefinitionsOf,
    FilesNaming,
    HandedOver,
    IndexQuery,
)
from klplint.index.hits import Hit, Scanned
from klplint.index.word_search import Files, Words
from klplint.source_text import decode_source

# The most bytes of a line, and of a comment, before a use that are looked at.
_LONGEST_BEFORE = 200
_LONGEST_COMMENT = 4000
# To look for all names at once takes a while to prepare. It is not worth it if the number of files
# times that of names is at most this.
_FEW = 2000
# A name that is called or declared is not handed over.
_CALL_FOLLOWS = re.compile(rb"\w+\s*\(")


class _Asking(NamedTuple):
    """The numbers of the queries that ask about one name, by what they ask."""

    naming: list[int]
    defining: list[int]
    handing: list[int]

    def add(self, number: int, query: IndexQuery) -> None:
        """Add a query."""
        match query:
            case FilesNaming():
                self.naming.append(number)
            case DefinitionsOf():
                self.defining.append(number)
            case HandedOver():
                self.handing.append(number)


def scan_files(root: Path, files: Sequence[str], queries: Sequence[IndexQuery]) -> Scanned:
    """Look for the names of `queries` in files below `root`."""
    asking: defaultdict[str, _Asking] = defaultdict(lambda: _Asking([], [], []))
    for number, query in enumerate(queries):
        name = query.name
        pattern = re.escape(name) if isinstance(query, FilesNaming) else wanted_pattern(name)
        asking[pattern].add(number, query)
    is_little = len(files) * len(asking) <= _FEW
    words = Words(asking, quickly=True) if is_little else _words(frozenset(asking))
    reader = Files(root)
    scanned = Scanned([], [])
    for file in files:
        try:
            content = reader.read(file)
        except OSError as error:
            scanned.unreadable.append(Unreadable(file, error.strerror or str(error)))
            continue
        if places := words.places(content):
            scanned.hits.extend(_hits(file, bytes(content), places, asking, queries))
    return scanned


@lru_cache(maxsize=1)
def _words(patterns: frozenset[str]) -> Words:
    """Many patterns take a while to compile: the next part of a pass asks for the same ones."""
    return Words(patterns)


def _hits(
    file: str,
    content: bytes,
    places: list[tuple[str, int]],
    asking: Mapping[str, _Asking],
    queries: Sequence[IndexQuery],
) -> Iterable[tuple[int, str, Hit]]:
    """What one file holds of each query whose name it has."""
    defining: set[int] = set()
    used: dict[str, bool] = {}
    for name, start in places:
        asked = asking[name]
        used.setdefault(name, False)
        if asked.handing and not _CALL_FOLLOWS.match(content, start):
            defining.update(asked.handing)
        if not asked.defining:
            continue
        # The head of a definition, too, may turn out to define nothing.
        used[name] = used[name] or not _is_in_comment(content, start)
        if may_define(content, start) and begins_definition(content, start):
            in_c = file.endswith(".c")
            is_hidden = in_c and is_static(content, start)
            for number in asked.defining:
                # Constructors are static, but their definitions do not begin with that word.
                hidden = is_hidden or (in_c and constructed(queries[number].name))
                if not (hidden and _is_foreign(queries[number], file)):
                    defining.add(number)
    others = {number: False for name in used for number in asking[name].naming}
    others |= {number: used[name] for name in used for number in asking[name].defining}
    outline = Outline(Source(decode_source(content))) if defining else None
    handovers = Handovers(outline, file) if outline else None
    for number in sorted({*others, *defining}):
        definitions: tuple[Definition, ...] = ()
        if outline and handovers and number in defining:
            definitions = tuple(_definitions(queries[number], outline, handovers, file))
        yield number, file, Hit(definitions, others.get(number, False))


def _is_in_comment(content: bytes, start: int) -> bool:
    """Whether byte `start` is in a comment, as its line looks; others turn out to be in one."""
    before = content[max(0, start - _LONGEST_BEFORE) : start]
    begin = before.rfind(b"\n") + 1
    line = before[begin:].lstrip(b" \t")
    is_whole = begin > 0 or start <= _LONGEST_BEFORE
    if not is_whole or b"*/" in line or b"\r" in line:
        return False
    if line.startswith((b"/*", b"//")):
        return True
    return line.startswith(b"* ") and _is_opened(content, start)


def _is_opened(content: bytes, start: int) -> bool:
    """Whether a comment begins before byte `start`, and does not end there."""
    first = max(0, start - _LONGEST_COMMENT)
    opened = content.rfind(b"/*", first, start)
    if opened < 0 or content.rfind(b"*/", opened, start) >= 0:
        return False
    before = content[content.rfind(b"\n", 0, opened) + 1 : opened + 1]
    return not any(mark in before for mark in (b'"', b"'", b"//"))


def _definitions(
    query: IndexQuery, outline: Outline, handovers: Handovers, file: str
) -> Iterable[Definition]:
    """What a file that was read holds of a query."""
    match query:
        case HandedOver():
            return handovers.of(query.name)
        case _:
            return definitions_in(outline, file, query.name)


def _is_foreign(query: IndexQuery, file: str) -> bool:
    """Whether a query's asker cannot mean what is static in a C file."""
    asker = query.asker if isinstance(query, DefinitionsOf) else ""
    return bool(asker) and file != asker

"""One pass over files: what each of them holds of what is asked.

A pass finds the names of all questions at once, and reads those files by their tokens in which
a definition may begin. What it finds in a file hangs on that file alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from klplint.csource.definitions import (
    declares,
    definitions_in,
    handed_in,
    is_static,
    may_define,
    wanted_pattern,
)
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline
from klplint.facts.file_facts import Unreadable
from klplint.facts.queries import Definition, Question
from klplint.facts.region import Fact
from klplint.index.word_search import FewWords, Files, Words
from klplint.source_text import decode_source

# The first uses of a name in a file that are kept, to tell what it is if nothing defines it.
_MOST_USES = 3
# To look for all names at once takes a while to prepare; so few files are not worth it.
_FEW = 50
# A name that is called or declared is not handed over.
_CALL_FOLLOWS = re.compile(rb"\w+\s*\(")


class Hit(Fact, frozen=True):
    """What a file holds of a question: definitions, and places (bytes) that are none."""

    definitions: tuple[Definition, ...] = ()
    places: tuple[int, ...] = ()


class Scanned(msgspec.Struct, frozen=True):
    """What a pass found: the number of a question, a file, and what this holds of it."""

    hits: list[tuple[int, str, Hit]]
    unreadable: list[Unreadable]


def scan(root: Path, files: Sequence[str], questions: Sequence[Question]) -> Scanned:
    """Look for the names of `questions` in files below `root`."""
    asking: defaultdict[str, list[int]] = defaultdict(list)
    for number, question in enumerate(questions):
        name = question.name
        pattern = re.escape(name) if question.kind == "word" else wanted_pattern(name)
        asking[pattern].append(number)
    words = FewWords(asking) if len(files) <= _FEW else _words(frozenset(asking))
    reader = Files(root)
    scanned = Scanned([], [])
    for file in files:
        try:
            content = reader.read(file)
        except OSError as error:
            scanned.unreadable.append(Unreadable(file, error.strerror or str(error)))
            continue
        if found := words.places(content):
            places = [(number, start) for pattern, start in found for number in asking[pattern]]
            scanned.hits.extend(_hits(file, bytes(content), places, questions))
    return scanned


@lru_cache(maxsize=1)
def _words(patterns: frozenset[str]) -> Words:
    """Many patterns take a while to compile: the next part of a pass asks for the same ones."""
    return Words(patterns)


def _hits(
    file: str, content: bytes, places: list[tuple[int, int]], questions: Sequence[Question]
) -> Iterable[tuple[int, str, Hit]]:
    """What one file holds of each question whose name it has."""
    defining: set[int] = set()
    others: dict[int, list[int]] = {}
    for number, start in places:
        question = questions[number]
        if question.kind == "handed":
            if not _CALL_FOLLOWS.match(content, start):
                defining.add(number)
            continue
        uses = others.setdefault(number, [])
        if question.kind == "word":
            continue
        if may_define(content, start):
            if not (declares(content, start) or _is_foreign(question, file, content, start)):
                defining.add(number)
        elif len(uses) < _MOST_USES:
            uses.append(start)
    outline = Outline(Source(decode_source(content))) if defining else None
    for number in sorted({*others, *defining}):
        definitions: tuple[Definition, ...] = ()
        if outline and number in defining:
            find = handed_in if questions[number].kind == "handed" else definitions_in
            definitions = tuple(find(outline, file, questions[number].name))
        yield number, file, Hit(definitions, tuple(others.get(number, ())))


def _is_foreign(question: Question, file: str, content: bytes, start: int) -> bool:
    """Whether a definition is one that the asker cannot mean: static, in another C file."""
    near = question.near
    return bool(near) and file != near and file.endswith(".c") and is_static(content, start)

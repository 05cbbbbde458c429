"""Calls planted in a real kernel: a copy of the tree in which single places are changed.

Places are found by structure (the top of a thread's loop, behind the line that takes a lock), not
by line number, so that they are found in neighbouring releases too. A place that is not there is
an error with a clear sentence: a plant that silently went nowhere would prove nothing.

The C that is planted says what is to be found on its lines, as fixtures do (see expectations.py).
"""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

from tests.support.expectations import Want, blanked, wants_in_text

_BLANKED = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.DOTALL | re.VERBOSE
)
_LOOP = re.compile(r"\b(?:for|while|do|\w*for_each\w*)\b")
_INCLUDE = re.compile(r"^#include\b.*\n", re.MULTILINE)
# What klplint leaves out of itself, and no header of the kernel's code comes from there.
_LEFT_OUT = frozenset({"Documentation", "tools", "scripts", "samples", "LICENSES", ".git"})


class NoPlace(AssertionError):
    """A plant does not find its place in this kernel."""


class Loop(NamedTuple):
    """A loop in a text: where its keyword, its body (behind the brace) and its end are."""

    start: int
    body: int | None
    end: int


class Source:
    """A C file in kernel style, and where things are in it; `code` has no comments and strings."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.code = _BLANKED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)

    def body(self, function: str) -> tuple[int, int]:
        """From behind the opening brace of a function to its closing brace."""
        head = rf"^(?:\w[^\n;{{}}]*[ \t*])?{function}\("
        for match in re.finditer(head, self.code, re.MULTILINE):
            behind = self._closing(match.end() - 1) + 1
            opening = re.compile(r"[\s\w()]*\{").match(self.code, behind)
            if opening:
                end = re.compile(r"^}", re.MULTILINE).search(self.code, opening.end())
                if end:
                    return opening.end(), end.start()
        raise NoPlace(f"{self.name} defines no function {function}()")

    def find(self, function: str, code: str, number: int = 0) -> int:
        """Where a piece of code stands in a function, for the time `number` (from 0)."""
        start, end = self.body(function)
        got = [m.start() for m in re.finditer(re.escape(code), self.code[start:end])]
        if len(got) <= number:
            raise NoPlace(f"{self.name}: {function}() has `{code}` {len(got)} times only")
        return start + got[number]

    def loops(self, function: str) -> list[Loop]:
        """The loops of a function, in the order of the text."""
        start, end = self.body(function)
        loops: list[Loop] = []
        tails: set[int] = set()
        for match in _LOOP.finditer(self.code, start, end):
            if match.start() not in tails:
                loop, tail = self._loop(match)
                loops.append(loop)
                tails.add(tail)
        return loops

    def outermost(self, function: str, number: int = 0) -> Loop:
        """A loop that stands in no other one."""
        got = [
            loop
            for loop in self.loops(function)
            if not any(other.start < loop.start < other.end for other in self.loops(function))
        ]
        if len(got) <= number:
            raise NoPlace(f"{self.name}: {function}() has {len(got)} outermost loops only")
        return got[number]

    def nested(self, function: str) -> Loop:
        """The first loop that stands in another one and has a body in braces."""
        outer = self.outermost(function)
        for loop in self.loops(function):
            if outer.start < loop.start < outer.end and loop.body:
                return loop
        raise NoPlace(f"{self.name}: {function}() has no nested loop with braces")

    def line_start(self, at: int) -> int:
        return self.text.rfind("\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Behind the line's newline."""
        return self.text.index("\n", at) + 1

    def _loop(self, keyword: re.Match[str]) -> tuple[Loop, int]:
        """A loop, and where the `while` of its end is, if it is a do loop."""
        behind = keyword.end()
        if keyword[0] != "do":
            behind = self._closing(self.code.index("(", behind)) + 1
        opening = re.compile(r"\s*\{").match(self.code, behind)
        if not opening:
            return Loop(keyword.start(), None, self.code.index(";", behind)), -1
        end = self._closing(opening.end() - 1)
        tail = self.code.index("while", end) if keyword[0] == "do" else -1
        return Loop(keyword.start(), opening.end(), end), tail

    def _closing(self, opening: int) -> int:
        """Where what is opened here is closed."""
        pair = {"(": "()", "{": "{}"}[self.code[opening]]
        depth = 0
        for at in range(opening, len(self.code)):
            depth += (self.code[at] == pair[0]) - (self.code[at] == pair[1])
            if depth == 0:
                return at
        raise NoPlace(f"{self.name}: a `{pair[0]}` is not closed")


Place = Callable[[Source], int]


def first_statement(function: str) -> Place:
    """The beginning of a function's body."""
    return lambda source: source.line_end(source.body(function)[0])


def last_statement(function: str) -> Place:
    """The end of a function's body."""
    return lambda source: source.body(function)[1]


def loop_top(function: str, number: int = 0) -> Place:
    """The top of an outermost loop of a function."""
    return lambda source: _top(source, source.outermost(function, number), function)


def nested_top(function: str) -> Place:
    """The top of the first loop that is nested in the outermost one."""
    return lambda source: _top(source, source.nested(function), function)


def before_loop(function: str) -> Place:
    """The line before a function's first loop."""
    return lambda source: source.line_start(source.outermost(function).start)


def behind_loop(function: str) -> Place:
    """The line behind a function's first loop."""
    return lambda source: source.line_end(source.outermost(function).end)


def before(function: str, code: str, number: int = 0) -> Place:
    """The line before a piece of code."""
    return lambda source: source.line_start(source.find(function, code, number))


def behind(function: str, code: str, number: int = 0) -> Place:
    """The line behind the statement, or the opening brace, that a piece of code belongs to."""

    def place(source: Source) -> int:
        at = source.find(function, code, number)
        ending = re.compile(r"[;{]|:\s*$", re.MULTILINE).search(source.code, at + len(code) - 1)
        assert ending is not None
        return source.line_end(ending.start())

    return place


def at_end_of_file(source: Source) -> int:
    """The end of a file; in a header, before the #endif of its guard."""
    if not source.name.endswith(".h"):
        return len(source.text)
    at = source.code.rfind("\n#endif")
    if at < 0:
        raise NoPlace(f"{source.name} has no guard that ends with #endif")
    return at + 1


def _top(source: Source, loop: Loop, function: str) -> int:
    if loop.body is None:
        raise NoPlace(f"{source.name}: the loop of {function}() has no braces")
    return source.line_end(loop.body)


class Piece(NamedTuple):
    """C text for a place of a file; `text` is empty where the place's line is only expected of."""

    file: str
    place: Place
    text: str


class Plant(NamedTuple):
    """Pieces that belong together, in one file or in many, and why the verdict is as it is."""

    name: str
    why: str
    pieces: tuple[Piece, ...]


class Planted(NamedTuple):
    """What became of the pieces: the findings wanted of each plant, and the lines of each."""

    wants: dict[str, list[Want]]
    lines: dict[tuple[str, int], str]


def code(file: str, place: Place, text: str) -> Piece:
    """Statements (or, at the end of a file, whole functions) planted at a place."""
    tabbed = re.sub(
        r"^(?: {4})+", lambda m: "\t" * (len(m[0]) // 4), dedent(text).strip(), flags=re.MULTILINE
    )
    base = "" if place is at_end_of_file else "\t"
    return Piece(file, place, indent(tabbed, base) + "\n")


def expected(file: str, function: str, line: str, wants: str) -> Piece:
    """What is wanted on a line of the kernel's own, which holds `line`."""
    return Piece(file, lambda source: source.line_end(source.find(function, line)) - 1, f" {wants}")


def linked_copy(tree: Path, target: Path) -> Path:
    """A copy of a kernel's tree that takes no room: links, hard ones where that is possible.

    Files linked symbolically keep their names too, for they lead out of the new tree.
    """
    if tree.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(_link(str(tree), str(target)))
    shutil.copytree(
        tree,
        target,
        symlinks=True,
        copy_function=_link,
        ignore=lambda directory, names: _LEFT_OUT & set(names) if Path(directory) == tree else (),
    )
    return target


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        Path(target).symlink_to(Path(source).resolve())
    return target


def plant(tree: Path, plants: Iterable[Plant]) -> Planted:
    """Plant in a linked copy of a tree. Each file that changes is written again, never through."""
    pieces: dict[str, list[tuple[str, Piece]]] = defaultdict(list)
    wants: dict[str, list[Want]] = {}
    for each in plants:
        wants[each.name] = []
        for piece in each.pieces:
            pieces[piece.file].append((each.name, piece))
    lines: dict[tuple[str, int], str] = {}
    for file, in_file in pieces.items():
        path = tree / file
        if not path.is_file():
            raise NoPlace(f"{in_file[0][0]}: this kernel has no {file}")
        source = Source(file, path.read_text(encoding="utf-8"))
        text = _plant_in(source, in_file, wants, lines)
        path.unlink()
        path.write_text(text, encoding="utf-8")
    return Planted(wants, lines)


def _plant_in(
    source: Source,
    pieces: list[tuple[str, Piece]],
    wants: dict[str, list[Want]],
    lines: dict[tuple[str, int], str],
) -> str:
    """A file's text with all pieces in it; what they want goes to `wants`, where to `lines`."""
    names = [("", Piece(source.name, _preface, declarations(pieces)))]
    placed = sorted(
        ((_offset(name, piece, source), name, piece) for name, piece in names + pieces),
        key=lambda each: each[0],
    )
    written, last = "", 0
    for offset, name, piece in placed:
        written += source.text[last:offset]
        first = written.count("\n") + 1
        if name:
            wants[name] += wants_in_text(source.name, piece.text, first)
            of_lines = range(first, first + max(1, piece.text.count("\n")))
            lines.update({(source.name, line): name for line in of_lines})
        written += blanked(piece.text)
        last = offset
    return written + source.text[last:]


def _offset(name: str, piece: Piece, source: Source) -> int:
    try:
        return piece.place(source)
    except (NoPlace, ValueError) as error:
        raise NoPlace(f"the plant {name} does not find its place: {error}") from None


def declarations(pieces: list[tuple[str, Piece]]) -> str:
    """What a file needs so that the planted calls are calls of declared functions."""
    text = "".join(piece.text for _, piece in pieces)
    lines = ["#include <linux/livepatch.h>\n"] if "klp_" in text else []
    if "klp_patch_task" in text:
        lines.append("void klp_patch_task(struct task_struct *task);\n")
    return "".join(lines)


def _preface(source: Source) -> int:
    """Behind the first #include, else (a file that others include) before the first code."""
    include = _INCLUDE.search(source.code)
    if include:
        return include.end()
    return source.line_start(len(source.code) - len(source.code.lstrip()))

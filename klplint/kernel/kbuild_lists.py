"""The lists of a directory's Makefile: which words obj-y, name-objs, name-$(CONFIG_X) hold.

Variables of the same Makefile and of those that it includes are expanded, and of make's functions
those that lists of objects need. What else a word refers to stays in it, with its `$`.
Source: Documentation/kbuild/makefiles.rst.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from klplint.kernel.kbuild_file import (
    Assignment,
    Condition,
    Include,
    MakefileLine,
    is_set,
    read_makefile,
)
from klplint.kernel.makefile import NAMES

_LIST = re.compile(r"(.+?)-(y|m|objs|\$[({].*)")
_OPTION = re.compile(r"CONFIG_\w+")
_REFERENCE = re.compile(r"\$[({]([\w.-]+)[)}]")
_CALL = re.compile(r"\$[({](\w[\w-]*)\s+(.*)[)}]")
_WORDS = re.compile(r"(?:[^\s$]|\$[({](?:[^(){}]|[({](?:[^(){}]|[({][^(){}]*[)}])*[)}])*[)}]|\$)+")
_IS_BUILT_IN = re.compile(r"subst m,y|:m=y")
_MOST_NESTED = 12  # variables in the values of variables
_MOST_INCLUDED = 300


class ListName(NamedTuple):
    """The name of a list: `ext4-$(CONFIG_X)`."""

    stem: str
    suffix: str
    """`y`, `m`, `objs`, or "" if options decide."""
    option: str = ""
    """The option that decides, if it is one."""
    is_built_in: bool = False
    """Whether it counts as `y` where the option is `m`."""


class Entry(NamedTuple):
    """A word in a list."""

    name: ListName
    word: str
    conditions: tuple[Condition, ...]
    place: MakefileLine


class _Word(NamedTuple):
    text: str
    conditions: tuple[Condition, ...] = ()


def list_name(name: str) -> ListName | None:
    """The name of a list; None if a variable's name is not one."""
    match = _LIST.fullmatch(name)
    if match is None:
        return None
    if not match[2].startswith("$"):
        return ListName(match[1], match[2])
    options = _OPTION.findall(match[2])
    if match[2].count("$") > 1 and "subst" not in match[2] and len(options) > 1:
        return None  # $(CONFIG_A)$(CONFIG_B) makes a list of another name, such as obj-yy
    option = options[0] if len(options) == 1 else ""
    return ListName(match[1], "", option, _IS_BUILT_IN.search(match[2]) is not None)


class DirectoryLists:
    """What the Makefile of a directory assigns."""

    def __init__(self, root: Path, directory: str, path: str) -> None:
        """`path` is that of the Makefile, `directory` its directory, both from the root."""
        self._root = root
        self._directory = directory
        self.assignments: list[Assignment] = []
        """All assignments, those of the included Makefiles as well."""
        self._by_name: defaultdict[str, list[Assignment]] = defaultdict(list)
        self._included: set[str] = set()
        self._read(path, ())
        self.entries: dict[str, list[Entry]] = defaultdict(list)
        """The words in lists, by the stem of the list."""
        for assignment in self.assignments:
            name = list_name(assignment.name)
            if name:
                self.entries[name.stem] += self._entries(name, assignment)

    def _read(self, path: str, conditions: tuple[Condition, ...]) -> None:
        """Read a Makefile and those that it includes."""
        if path in self._included or len(self._included) > _MOST_INCLUDED:
            return
        self._included.add(path)
        for statement in read_makefile(self._root, path) or ():
            holding = (*conditions, *statement.conditions)
            if isinstance(statement, Include):
                for word in self._words(statement.value, 0):
                    self._include(word.text, holding)
            else:
                assignment = statement._replace(conditions=holding)
                self.assignments.append(assignment)
                self._by_name[_key(assignment.name)].append(assignment)

    def _include(self, word: str, conditions: tuple[Condition, ...]) -> None:
        path = posixpath.normpath(posixpath.join(self._directory, word))
        if "$" not in path and not path.startswith(("..", "/")):
            self._read(path, conditions)

    def expanded(self, assignment: Assignment) -> str:
        """The value of an assignment with the variables of the Makefile expanded."""
        return " ".join(word.text for word in self._words(assignment.value, 0))

    def _entries(self, name: ListName, assignment: Assignment) -> Iterator[Entry]:
        for word in self._words(assignment.value, 0):
            is_directory = word.text.endswith("/") or name.stem == "subdir"
            if is_directory or word.text.endswith(".o"):
                conditions = (*assignment.conditions, *word.conditions)
                path = posixpath.normpath(word.text) + ("/" if is_directory else "")
                yield Entry(name, path, conditions, assignment.place)

    def _words(self, value: str, depth: int) -> Iterator[_Word]:
        """The words of a value."""
        for match in _WORDS.finditer(value):
            yield from self._word(match[0], depth)

    def _word(self, word: str, depth: int) -> Iterator[_Word]:
        if "$" not in word or depth > _MOST_NESTED:
            yield _Word(word)
            return
        reference = _REFERENCE.search(word)
        call = _CALL.fullmatch(word)
        if call and _closes_at_end(word):
            yield from self._called(call[1], call[2], depth + 1)
        elif reference is None:
            yield _Word(word)
        else:
            yield from self._around(word, reference, depth + 1)

    def _around(self, word: str, reference: re.Match[str], depth: int) -> Iterator[_Word]:
        """A word with a reference to a variable in it, once for each word of its value."""
        before, behind = word[: reference.start()], word[reference.end() :]
        if reference[1] in ("src", "obj"):
            inner = [_Word(".")]
        elif reference[1] == "srctree":
            inner = [_Word(posixpath.relpath(".", self._directory or "."))]
        else:
            inner = list(self._values(reference[1], depth))
        if not inner:
            for rest in self._word(behind, depth) if "$" in behind else (_Word(behind),):
                yield _Word(f"{before}$({reference[1]}){rest.text}", rest.conditions)
        for value in inner:
            for rest in self._word(behind, depth) if "$" in behind else (_Word(behind),):
                conditions = (*value.conditions, *rest.conditions)
                yield _Word(f"{before}{value.text}{rest.text}", conditions)

    def _values(self, variable: str, depth: int) -> Iterator[_Word]:
        """The words of a variable, also of a list whose options are set."""
        wanted = list_name(variable)
        for assignment in self._by_name[_key(variable)]:
            name = list_name(assignment.name)
            if wanted and name and name.suffix not in (wanted.suffix, ""):
                continue
            further = (is_set(name.option),) if wanted and name and name.option else ()
            for word in self._words(assignment.value, depth):
                conditions = (*assignment.conditions, *further, *word.conditions)
                yield _Word(word.text, conditions)

    def _called(self, function: str, text: str, depth: int) -> Iterator[_Word]:
        """The words that a function of make returns; none for one that is not read."""
        arguments = _split(text)
        if function in ("sort", "strip") and len(arguments) == 1:
            yield from self._words(arguments[0], depth)
        elif function in ("addprefix", "addsuffix") and len(arguments) == 2:
            for added in self._words(arguments[0], depth):
                for word in self._words(arguments[1], depth):
                    pair = (added.text, word.text)
                    joined = "".join(pair if function == "addprefix" else reversed(pair))
                    yield _Word(joined, (*added.conditions, *word.conditions))
        elif function == "patsubst" and len(arguments) == 3:
            for word in self._words(arguments[2], depth):
                yield word._replace(text=_replaced(arguments[0], arguments[1], word.text))


def find_makefile(root: Path, directory: str) -> str:
    """The path of a directory's Makefile from the root; "" if it has none."""
    for name in NAMES:
        path = posixpath.join(directory, name)
        if (root / path).is_file():
            return path
    return ""


def _key(variable: str) -> str:
    """What two assignments to parts of the same list have in common."""
    name = list_name(variable)
    return f"{name.stem}-" if name else variable


def _closes_at_end(word: str) -> bool:
    """Whether the bracket that opens a word is the one that closes it."""
    depth = 0
    for place, char in enumerate(word):
        depth += (char in "({") - (char in ")}")
        if depth == 0 and place > 0:
            return place == len(word) - 1
    return False


def _split(text: str) -> list[str]:
    """The arguments of a function of make."""
    arguments, depth = [""], 0
    for char in text:
        depth += (char in "({") - (char in ")}")
        if char == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += char
    return arguments


def _replaced(pattern: str, replacement: str, word: str) -> str:
    """What patsubst makes of a word."""
    begin, _, end = pattern.strip().partition("%")
    if "%" not in pattern or not (word.startswith(begin) and word.endswith(end)):
        return word
    return replacement.strip().replace("%", word[len(begin) : len(word) - len(end)])

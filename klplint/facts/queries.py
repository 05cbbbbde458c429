"""What a check may ask of the whole tree, and the answers: facts about other files.

A check that judges one file may need to know of a name in another one: does this function
exist, what does its body call, what do its comments say? It asks by name; the index answers
with definitions. Questions and answers are facts: frozen, typed, serialisable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from klplint.facts.file_facts import FileFacts
from klplint.facts.kernel_version import Version
from klplint.facts.region import Fact, Region

QuestionKind = Literal["word", "name", "own", "handed", "file", "alike"]
DefinitionKind = Literal["function", "macro", "assembly", "file", "use", "object"]


class Question(Fact, frozen=True):
    """What is known of `name`.

    `word`: the files that name it, in code or elsewhere, no more. `name`: a function or macro;
    `*` in it stands for any letters. `own`: one that the file at `near` itself defines, which
    costs the reading of that file alone. `file`: a source file, by its path or the end of one.
    `handed`: the calls that get a function as an argument, and the members that are set to it.
    `alike`: what is called much like it, in the folder of `near`.
    With `near`, a path, a function that is static in another C file does not count.
    """

    kind: QuestionKind
    name: str
    near: str = ""


class Mention(Fact, frozen=True):
    """A name that is called within a definition."""

    name: str
    """What is called."""
    region: Region
    """Where this name stands."""
    arguments: tuple[str, ...] = ()
    """The arguments as written; for the calls of a whole file they are left out."""


class Definition(Fact, frozen=True, kw_only=True):
    """A definition of a name, or what else shows that the name exists."""

    kind: DefinitionKind
    """`use`: no definition can be read, but code calls it (a macro that pastes names made it).
    `object`: a variable, a member or a type, which cannot be called."""
    name: str
    """The name as it is defined here."""
    path: str
    """The file that defines it."""
    region: Region
    """Where its name stands."""
    static: bool = False
    """Whether it is a function that is `static`."""
    calls: tuple[Mention, ...] = ()
    """What its body calls; of a `use`, what it is handed over to."""
    comments: tuple[str, ...] = ()
    """The comments within it, and the one at its head."""
    text: str = ""
    """The body of a macro without parameters."""


class TreeFacts(msgspec.Struct, frozen=True):
    """What checks may know of the tree as a whole: its version, the facts of all files that were
    read, by their paths, and the answers so far.
    """

    version: Version
    files: Mapping[str, FileFacts] = {}
    answers: Mapping[Question, tuple[Definition, ...]] = {}

    def definitions(self, question: Question) -> tuple[Definition, ...]:
        """The answer to a question; nothing where it was not asked."""
        return self.answers.get(question, ())

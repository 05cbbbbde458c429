"""What a check may ask of the whole tree, and the answers: facts about other files.

A check of one file may need to know of a name in another one: does this function
exist, what does its body call, what do its comments say? It asks by name and gets definitions.
Queries and answers are facts: frozen, typed, serialisable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from klplint.facts.file_facts import FileFacts
from klplint.facts.function_details import FunctionDetails
from klplint.facts.kernel_version import Version
from klplint.facts.memo import Memo
from klplint.facts.partners import Partner, ReaderPartners
from klplint.facts.region import Fact, Region

DefinitionKind = Literal[
    "function", "macro", "assembly", "file", "use", "object", "kernel-object", "makefile"
]


class Query(Fact, frozen=True, tag=True):
    """Base of what a check may ask of the tree about a name."""

    name: str

    @property
    def order(self) -> tuple[str, tuple[object, ...]]:
        """A key that sorts queries of different kinds."""
        return type(self).__name__, msgspec.structs.astuple(self)


class FilesNaming(Query, frozen=True):
    """Which files name `name`, in code or elsewhere; no more than that."""


class DefinitionsOf(Query, frozen=True):
    """Where the tree defines a function or macro `name`; `*` in it stands for any letters."""

    asker: str = ""
    """The path of the file that asks: functions that are static in other C files are left out."""


class HandedOver(Query, frozen=True):
    """Which calls get the function `name` as an argument, and which members are set to it."""


class HandedIn(Query, frozen=True):
    """What `HandedOver` is for the tree, in `file` alone."""

    file: str


class DefinedIn(Query, frozen=True):
    """What `file` itself defines as `name`: costs reading that file alone."""

    file: str


class StoredAs(Query, frozen=True):
    """The functions of `file` that it stores in a member `name`; else the one named `*_name`."""

    file: str


class SourceFile(Query, frozen=True):
    """The source file that `name`, a path or the end of one, means."""

    asker: str = ""
    """The path of the file that asks: a file near it is preferred."""


class NamedLike(Query, frozen=True):
    """What is named much like `name`, in the directory of the file that asks."""

    asker: str


class NamedAtBarriers(Query, frozen=True):
    """Where a comment directly at one of some barriers contains `name`.

    The answers are uses: the function that holds the barrier, the barrier, and the comments.
    """

    barriers: tuple[str, ...]


class DetailsIn(Query, frozen=True):
    """What decides whether the function `name` that `file` defines can be patched."""

    file: str


class PrototypeIn(Query, frozen=True):
    """The type of the function `name` that `file` defines, as libclang sees it."""

    file: str


class BuiltInto(Query, frozen=True):
    """The kernel objects that the file at `name` is built into: vmlinux, or modules.

    The answers are of the kind `kernel-object`. Their text is the CONFIG_ symbol on which that
    depends, if any.
    """


class MadeBy(Query, frozen=True):
    """The Makefiles that list the module `name`, or something of that name."""


class Untraced(Query, frozen=True):
    """The line of a Makefile that compiles the file at `name` without ftrace."""


IndexQuery = FilesNaming | DefinitionsOf | HandedOver
"""What the index of the tree answers, in one pass over all files."""
FileQuery = DefinedIn | HandedIn | StoredAs | SourceFile | NamedLike | NamedAtBarriers | DetailsIn
"""What takes reading a few files, known by their paths."""
KernelQuery = PrototypeIn | BuiltInto | MadeBy | Untraced
"""What Makefiles say, or a parse."""
AnyQuery = IndexQuery | FileQuery | KernelQuery
"""Every kind of query, for decoding."""


class Mention(Fact, frozen=True):
    """A name that is called within a definition."""

    name: str
    """What is called."""
    region: Region
    """Where this name stands."""
    arguments: tuple[str, ...] = ()
    """The arguments as written; for the calls of a whole file they are left out."""
    conditional: bool = False
    """Whether the definition makes the call only on some of its ways."""
    structure: str | None = None
    """For a member that is set, the tag of its structure, "" where that is not plain; else None."""
    place: int | None = None
    """Where a function is handed over, which of `arguments` it is; None where it is called."""


class Definition(Fact, frozen=True, kw_only=True):
    """A definition of a name, or what else shows that the name exists."""

    kind: DefinitionKind
    """`use`: no definition can be read, but code calls it (a macro that pastes names made it).
    `object`: a variable, a member or a type, which cannot be called. `kernel-object`: vmlinux or
    a module. `makefile`: a line of a Makefile."""
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
    """The body of a macro without parameters, if it is short."""
    parameters: tuple[str, ...] | None = None
    """The names of the parameters, "" where that is not plain; None for what has none to give."""
    rest: str = ""
    """Of a macro with any number of arguments, their name: `__VA_ARGS__`, or the last parameter."""
    returns: tuple[str, ...] = ()
    """What a function returns, as written; empty texts stand for what may have changed since."""
    body: str = ""
    """The body of a function or macro, without comments; empty if it is long."""
    replaceable: bool = False
    """Whether it is a default, in whose place an architecture may have another definition."""
    details: FunctionDetails | None = None
    """More about a function, if the query asks for it."""
    uncallable: bool = False
    """Of an object, whether nothing in the tree may call or define a function of its name."""


class TreeFacts(msgspec.Struct, frozen=True):
    """What checks may know about the tree as a whole."""

    version: Version
    files: Mapping[str, FileFacts] = {}
    """The facts of all files that were read, by their paths."""
    answers: Mapping[Query, tuple[Definition, ...]] = {}
    """The answers so far."""
    gaps: tuple[str, ...] = ()
    """What the tree lacks; empty for a whole one. On a part, nothing is known to be nowhere."""
    partners: Mapping[str, tuple[ReaderPartners, ...]] = {}
    """The possible partners of read barriers, by file; empty where they were not searched."""
    memo: Memo = msgspec.field(default_factory=Memo)
    """What checks have worked out in this run: shared by all states of the tree."""
    linted: frozenset[str] | None = None
    """The files that findings are wanted for; None for all."""

    @property
    def linted_files(self) -> list[FileFacts]:
        """The facts of the files that findings are wanted for, in the order of their paths."""
        linted = self.linted
        return [f for path, f in self.files.items() if linted is None or path in linted]

    def partners_of(self, path: str, region: Region) -> tuple[Partner, ...]:
        """The possible partners of the read barrier at a place, best first."""
        return next(
            (
                each.partners
                for each in self.partners.get(path, ())
                if (each.line, each.column) == (region.line, region.column)
            ),
            (),
        )

    def definitions(self, query: Query) -> tuple[Definition, ...]:
        """The answer to a query; empty where it was not asked."""
        return self.answers.get(query, ())

    def has_answers(self, queries: Iterable[Query]) -> bool:
        """Whether all of some queries are answered."""
        return all(query in self.answers for query in queries)

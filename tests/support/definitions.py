"""Trees of facts in which functions are defined by what they call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition, DefinitionsOf, Mention, Query, TreeFacts
from klplint.facts.region import Region

HERE = Region(1, 1, 1, 1)


def mention(call: str) -> Mention:
    """A call as written: `f x y`; with a question mark before it, `?f`, on some ways only."""
    name, *arguments = call.split()
    return Mention(name.removeprefix("?"), HERE, tuple(arguments), name.startswith("?"))


def function(
    path: str,
    name: str,
    calls: Iterable[str],
    *,
    replaceable: bool = False,
    static: bool = False,
) -> Definition:
    """A function that calls others."""
    return Definition(
        kind="function",
        name=name,
        path=path,
        region=HERE,
        static=static,
        calls=tuple(map(mention, calls)),
        replaceable=replaceable,
    )


def tree_of(files: Mapping[str, Mapping[str, Iterable[str]]]) -> TreeFacts:
    """A tree of files with functions, each with what it calls; all queries for them answered."""
    definitions = [
        function(path, name, calls)
        for path, functions in files.items()
        for name, calls in functions.items()
    ]
    return answering(definitions, files)


def answering(definitions: Iterable[Definition], askers: Iterable[str]) -> TreeFacts:
    """A tree that knows these definitions, whichever of the files asks."""
    everything = list(definitions)
    answers: dict[Query, tuple[Definition, ...]] = {
        DefinitionsOf(name, asker): tuple(each for each in everything if each.name == name)
        for name in {each.name for each in everything}
        for asker in askers
    }
    return TreeFacts(Version.parse("6.12"), answers=answers)

"""What keeps a function from being livepatched: annotations, sections, assembly, Makefiles.

A livepatch is called through ftrace's hook at the start of a function. A function without that
hook, or without a place in memory after boot, cannot be patched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from klplint.csource.brackets import split_arguments
from klplint.facts.function_details import FunctionDetails
from klplint.facts.kernel_version import Version
from klplint.facts.queries import Definition
from klplint.findings.finding import Place

Texts = Annotated[tuple[str, ...], msgspec.Meta(extra={"holds": "texts"})]
ObstacleKind = Literal["annotation", "section", "macro", "assembly", "not-a-function", "makefile"]

_SECTION = re.compile(r"""\b_*section(?:__)?\s*\(\s*"([^"]*)"\s*\)""")
_WORD = re.compile(r"[A-Za-z_]\w*")


class Annotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words in the head of a function that keep it from being patched."""

    names: tuple[str, ...]
    why: str
    """What the words do, as a sentence about the function goes on: "is not traced"."""
    source: str
    """Where that is defined."""
    since: str = ""
    """The first kernel version for which this holds; empty for no limit."""
    until: str = ""
    """The last kernel version for which this holds; empty for no limit."""

    def __post_init__(self) -> None:
        for limit in (self.since, self.until):
            if limit:
                Version.parse(limit)


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sections whose functions cannot be patched."""

    prefixes: Texts
    """How the names of the sections begin."""
    why: str
    source: str


class Unpatchable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data: what keeps functions from being patched."""

    annotations: tuple[Annotation, ...]
    sections: tuple[Section, ...]
    macros: tuple[Annotation, ...] = ()
    """Macros that make the head of a function which cannot be patched."""


class Obstacle(msgspec.Struct, frozen=True):
    """One reason why a function cannot be patched."""

    kind: ObstacleKind
    reason: str
    """What is said of the function: "is marked notrace, so ftrace cannot hook it"."""
    place: Place
    """The annotation's definition, the Makefile's line, the assembly."""


def obstacles(
    definition: Definition,
    data: Unpatchable,
    version: Version,
    makefile: Definition | None = None,
) -> tuple[Obstacle, ...]:
    """Why a definition cannot be patched; empty if nothing speaks against it.

    `definition` answers a `DetailsIn` query; `makefile` is the line that removes the flags of
    ftrace for its file, as an `Untraced` query answers, if there is one.
    """
    each = [*_of_kind(definition)]
    if definition.details is not None:
        each += _of_function(definition.details, data, version)
    if makefile is not None:
        place = Place(makefile.path, makefile.region, "the flags of ftrace are removed here")
        reason = "is in a file that its Makefile compiles without ftrace"
        each.append(Obstacle("makefile", reason, place))
    return tuple(each)


def _of_kind(definition: Definition) -> Iterator[Obstacle]:
    here = Place(definition.path, definition.region)
    if definition.kind == "assembly":
        yield Obstacle("assembly", "is written in assembly, which ftrace cannot hook", here)
    elif definition.kind == "macro":
        yield Obstacle("not-a-function", "is a macro: there is no function to patch", here)


def _of_function(
    details: FunctionDetails, data: Unpatchable, version: Version
) -> Iterator[Obstacle]:
    here = Place(details.path, details.region, "defined here")
    words = _WORD.findall(_without_parameters(details))
    for annotation in data.annotations:
        name = next((word for word in words if word in annotation.names), None)
        if name and version.within(annotation.since, annotation.until):
            yield Obstacle("annotation", f"is marked {name}: it {annotation.why}", here)
    for macro in data.macros:
        if details.made_by in macro.names and version.within(macro.since, macro.until):
            reason = f"is defined with {details.made_by}(): it {macro.why}"
            yield Obstacle("macro", reason, here)
    for name in _SECTION.findall(details.head):
        for section in data.sections:
            if any(name.startswith(prefix) for prefix in section.prefixes):
                yield Obstacle("section", f'is in the section "{name}": it {section.why}', here)


def _without_parameters(details: FunctionDetails) -> str:
    """The head of a function without its parameters, whose names are not annotations."""
    head = details.head
    match = re.search(rf"\b{re.escape(details.name)}\s*\(", head)
    split = split_arguments(head, match.end()) if match else None
    return head if match is None or split is None else head[: match.start()] + head[split[1] :]

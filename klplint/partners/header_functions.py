"""What inline functions and macros of headers touch, read when a pair is checked.

The search for partners reads only files with barriers. Flags are often behind a wrapper in another
header, so the check of the order reads these, too, one definition at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from klplint.csource.accesses import Seen
from klplint.facts.barrier_contexts import Access, Called, Context
from klplint.partners.access_rules import AccessRules
from klplint.partners.directories import directory_of
from klplint.partners.functions import Function, Functions
from klplint.source_text import digest, to_bytes

# Each begins with a literal, which re finds fast.
_MACRO = re.compile(rb"\n#[ \t]*define[ \t]+(\w+)\(")
_INLINE_FUNCTION = re.compile(
    rb"\nstatic[ \t]+(?:\w+[ \t*]+)*?(?:__always_)?inline\b[^;{}()]*?\b(\w+)\s*\("
)
_INCLUDE = "include/"
# A definition is read up to so many characters: larger functions are not mere wrappers.
_LONGEST = 2500
_MOST_STEPS = 20
_MOST_ACCESSES = 16
# Wrappers call wrappers: so many are followed.
_DEEPEST = 3
# Longer headers are lists of registers.
_LONGEST_HEADER = 300_000
_END_OF_MACRO = re.compile(r"(?<!\\)\n")
_END_OF_FUNCTION = re.compile(r"^\}", re.MULTILINE)


Definitions = Sequence[tuple[int, str]]
"""The offsets and the names of macros and inline functions in a header."""


class Wrapper(NamedTuple):
    """What a call of an inline function or macro does."""

    accesses: tuple[Seen, ...]
    calls: tuple[str, ...]
    """The functions that it calls itself, which are not read."""


class HeaderFunctions:
    """The inline functions and macros of some headers, by the directory and the name."""

    def __init__(
        self,
        headers: Mapping[str, Definitions],
        read: Callable[[str], bytes],
        rules: AccessRules,
    ) -> None:
        """`headers` has what each defines; `read` reads one."""
        self._read = read
        self._rules = rules
        self._places: dict[tuple[str, str], tuple[str, int]] = {}
        self._alone: dict[tuple[str, str], Wrapper | None] = {}
        """The wrappers without what they call, by where and as what they are defined."""
        self._wrappers: dict[tuple[str, str], Wrapper | None] = {}
        """The wrappers by the directory that calls them and by name."""
        for header, definitions in headers.items():
            where = _INCLUDE if header.startswith(_INCLUDE) else directory_of(header)
            for offset, name in definitions:
                self._places.setdefault((where, name), (header, offset))

    def called(self, name: str, path: str) -> Wrapper | None:
        """What a function does that a file calls; None if no header of its own or all has it."""
        return self._called(name, directory_of(path), _DEEPEST)

    def is_plain(self, name: str, path: str) -> bool:
        """Whether a function or macro is only another name for one access."""
        wrapper = self.called(name, path)
        return wrapper is not None and len(wrapper.accesses) == 1 and not wrapper.calls

    def _called(self, name: str, directory: str, depth: int) -> Wrapper | None:
        where = next((w for w in (directory, _INCLUDE) if (w, name) in self._places), None)
        if where is None or not depth or self._rules.is_harmless(name):
            return None
        key = directory, name
        if key not in self._wrappers:
            self._wrappers[key] = None  # for one that calls itself
            wrapper = self._by_itself(where, name)
            self._wrappers[key] = wrapper and self._with_calls(wrapper, directory, depth - 1)
        return self._wrappers[key]

    def _with_calls(self, wrapper: Wrapper, directory: str, depth: int) -> Wrapper:
        """A wrapper with what the wrappers that it calls do."""
        accesses, unread = [*wrapper.accesses], list[str]()
        for name in wrapper.calls:
            inner = self._called(name, directory, depth)
            if inner:
                accesses += inner.accesses
                unread += inner.calls
            else:
                unread.append(name)
        return Wrapper(_distinct(accesses), tuple(dict.fromkeys(unread)))

    def _by_itself(self, where: str, name: str) -> Wrapper | None:
        """What a wrapper does without what it calls: the same for each directory that calls it."""
        place = where, name
        if place not in self._alone:
            self._alone[place] = self._wrapper(name, *self._places[place])
        return self._alone[place]

    def _wrapper(self, name: str, header: str, offset: int) -> Wrapper | None:
        """What a definition touches; None if it is too large or cannot be read."""
        text = _definition(self._read(header), offset)
        if text is None:
            return None
        is_macro = text.startswith("#")
        functions = Functions(text + "\n", self._rules)
        function = functions.at(text.index(name) + len(name)) if is_macro else functions.named(name)
        if is_macro and function is None:
            macros = functions.outline.macros
            function = functions.at(macros[0].body) if macros else None
        return _contents(function) if function else None


def definitions_in(header: bytes) -> Definitions:
    """The offset and the name of each macro and inline function in a header, in order."""
    if len(header) >= _LONGEST_HEADER:
        return []
    text = b"\n" + header  # so that each begins behind a line end, and at the offset of this
    matches = chain(_MACRO.finditer(text), _INLINE_FUNCTION.finditer(text))
    return sorted((match.start(), match[1].decode()) for match in matches)


def _definition(header: bytes, offset: int) -> str | None:
    """The text of the definition at an offset; None if it is too large."""
    text = header[offset : offset + _LONGEST].decode(errors="replace")
    end = (_END_OF_MACRO if text.startswith("#") else _END_OF_FUNCTION).search(text)
    return text[: end.end()] if end else None


def digest_of_definitions(header: bytes, definitions: Definitions) -> bytes:
    """A digest of all that is read of a header; empty if it defines nothing."""
    texts = [(name, _definition(header, offset)) for offset, name in definitions]
    return digest([to_bytes(repr(texts))]) if texts else b""


def _contents(function: Function) -> Wrapper | None:
    steps = range(len(function.flow.steps))
    if len(steps) > _MOST_STEPS:
        return None
    parts = [function.part(number) for number in steps]
    # Of a macro, locals cannot be known from variables.
    accesses = [seen for part in parts for seen in part.accesses if seen.structure or seen.bit]
    calls = [call.name for part in parts for call in part.calls]
    return Wrapper(_distinct(accesses), tuple(dict.fromkeys(calls)))


def _distinct(accesses: Iterable[Seen]) -> tuple[Seen, ...]:
    """The first of the accesses that do the same."""
    first = {replace(each, offset=0, via=""): each for each in reversed([*accesses])}
    return tuple(reversed(first.values()))[:_MOST_ACCESSES]


def with_wrappers(context: Context, path: str, headers: HeaderFunctions) -> Context:
    """A context with what the wrappers touch that it calls; their own calls take their place."""
    before, calls_before = _followed(context, context.calls_before, path, headers)
    after, calls_after = _followed(context, context.calls_after, path, headers)
    return msgspec.structs.replace(
        context,
        before=(*context.before, *before),
        after=(*context.after, *after),
        calls_before=calls_before,
        calls_after=calls_after,
    )


def _followed(
    context: Context, calls: tuple[Called, ...], path: str, headers: HeaderFunctions
) -> tuple[list[Access], tuple[Called, ...]]:
    accesses, unread = list[Access](), list[Called]()
    for call in calls:
        # What a caller calls around the call of a small function says too little.
        wrapper = headers.called(call.name, path) if context.holds(call.line) else None
        if wrapper is None:
            unread.append(call)
            continue
        via = "" if headers.is_plain(call.name, path) else call.name
        accesses += (_access(seen, call, via) for seen in wrapper.accesses)
        unread += (Called(name, call.line, call.column, call.distance) for name in wrapper.calls)
    return accesses, tuple(unread)


def _access(seen: Seen, call: Called, via: str) -> Access:
    """An access of a wrapper, at its call; that of a mere name counts as the caller's own."""
    return Access(
        seen.name,
        seen.structure,
        seen.bit,
        seen.kind,
        call.line,
        call.column,
        call.distance,
        via or seen.via,
    )

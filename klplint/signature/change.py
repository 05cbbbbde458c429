"""The change of a whole tree in which a switching function loses its parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

import msgspec

from klplint.csource.lexer import Source
from klplint.csource.text_edits import TextEdit, edited
from klplint.facts.file_facts import FileFacts
from klplint.facts.region import Region
from klplint.fixes.planning import FixedFile
from klplint.index.included_macros import IncludedMacros
from klplint.signature.calls import (
    DroppedWrappers,
    SwitchCall,
    WrapperParameter,
    dropped_wrappers,
)
from klplint.signature.mentions import mentions
from klplint.signature.plan import FilePlan
from klplint.signature.request import Calls, Obstacle, Request
from klplint.source_text import EncodedText

_DOCUMENTS = ("Documentation", ("*.rst", "*.txt"))


class SignatureChange:
    """The change of a function, and of the wrappers that only pass its parameter on."""

    def __init__(
        self,
        root: Path,
        files: AbstractSet[str],
        facts: Mapping[str, FileFacts],
        request: Request,
        calls: Sequence[SwitchCall],
        macros: IncludedMacros,
    ) -> None:
        """`files` may be changed; all others are those of the whole tree."""
        self._root = root
        self._macros = macros
        self._files = files
        self._facts = facts
        self._first_request = request
        self._all_calls = calls
        self._sources: dict[str, Source] = {}

    @property
    def others(self) -> list[SwitchCall]:
        """The calls that need the second function."""
        calls = (call for call in self._all_calls if call.target is None and call.is_written)
        return [call for call in calls if not self._wrappers.is_usual(call)]

    def reason(self, call: SwitchCall) -> str:
        """Why a call needs the second function."""
        kept = self._wrappers.kept.get(call.passes) if call.passes else None
        if call.passes and kept:
            return f"{call.passes.callee.name}() keeps its parameter `{call.argument}`: {kept}"
        return f"`{call.argument}` may be another task"

    def obstacles(self) -> Iterator[Obstacle]:
        """The places that stand in the way of the change."""
        for path, file in self._plans.items():
            if path not in self._files:
                yield Obstacle(path, 1, "the file is not in the PATHs; give the whole tree")
            yield from file.obstacles(self._calls_in(path))

    def files(self) -> Iterator[FixedFile]:
        """The changed files, documents included."""
        plans = [(path, file, self._calls_in(path)) for path, file in self._plans.items()]
        for wrapper in sorted(self._wrappers.dropped):
            plans += [
                (path, file, self._calls_in(path, wrapper))
                for path, file in self._wrapper_plans(wrapper).items()
            ]
        edits: dict[str, list[TextEdit]] = {}
        for path, file, calls in plans:
            edits.setdefault(path, []).extend(file.edits(calls))
        for path in sorted(edits):
            yield from self._fixed(path, edits[path])
        yield from self._documents()

    def _documents(self) -> Iterator[FixedFile]:
        shared = [self._for_wrapper(w) for w in self._wrappers.dropped if w.callee.shared]
        directory, patterns = _DOCUMENTS
        for pattern in patterns:
            for document in sorted((self._root / directory).rglob(pattern)):
                if not document.is_file():
                    continue  # a directory, or a link to nothing
                text = EncodedText.of(document.read_bytes()).text
                edits = [e for each in (self._request, *shared) for e in mentions(text, each)]
                yield from self._fixed(document.relative_to(self._root).as_posix(), edits)

    @cached_property
    def _request(self) -> Request:
        """The request; the second function is local if all its callers are in its file, behind."""
        definitions = {
            path: occurrence.region.line
            for path, facts in self._facts.items()
            for occurrence in facts.occurrences
            if (occurrence.kind, occurrence.name) == ("definition", self._first_request.name)
            and path.endswith(".c")
        }
        is_local = all(
            call.file in definitions and call.call.region.line > definitions[call.file]
            for call in self.others
        )
        return msgspec.structs.replace(self._first_request, is_local=is_local)

    @cached_property
    def _plans(self) -> dict[str, FilePlan]:
        return {
            path: FilePlan(self._source(path), facts, self._request, self._macros)
            for path, facts in self._facts.items()
            if any(o.name == self._request.name for o in facts.occurrences)
        }

    @cached_property
    def _wrappers(self) -> DroppedWrappers:
        return dropped_wrappers(self._all_calls, self._why_kept)

    def _for_wrapper(self, wrapper: WrapperParameter) -> Request:
        return msgspec.structs.replace(
            self._first_request,
            name=wrapper.callee.name,
            argument=wrapper.argument,
            second="",
            only_passed_on=True,
        )

    def _wrapper_plans(self, wrapper: WrapperParameter) -> dict[str, FilePlan]:
        """The plans of the files that name a wrapper."""
        name, request = wrapper.callee.name, self._for_wrapper(wrapper)
        return {
            path: FilePlan(self._source(path), facts, request, self._macros)
            for path, facts in self._facts.items()
            if wrapper.callee.visible_in(path) and any(o.name == name for o in facts.further)
        }

    def _why_kept(self, wrapper: WrapperParameter, dropped: AbstractSet[WrapperParameter]) -> str:
        """Why a wrapper cannot lose its parameter; "" if it can."""
        calls = [
            call
            for call in self._all_calls
            if call.passes == wrapper and (call.target is None or call.target in dropped)
        ]
        for path, file in self._wrapper_plans(wrapper).items():
            if path not in self._files:
                return f"{path} is not in the PATHs"
            arguments = [
                each for call in calls if call.file == path for each in self._regions(call)
            ]
            obstacles = [
                *file.obstacles(self._calls_in(path, wrapper)),
                *file.redefines(arguments, wrapper.callee.path),
            ]
            if obstacles:
                return f"{obstacles[0].reason} ({path}:{obstacles[0].line})"
        return ""

    def _regions(self, call: SwitchCall) -> tuple[Region, ...]:
        """The place of the argument of a call; none where it is not written there."""
        number = call.target.argument if call.target else self._first_request.argument
        return call.call.argument_regions[number : number + 1] if call.is_written else ()

    def _calls_in(self, path: str, target: WrapperParameter | None = None) -> Calls:
        """The calls of the function, or of a wrapper that loses its parameter, in a file."""
        calls = [
            call
            for call in self._all_calls
            if (call.file, call.target) == (path, target) and call.is_written
        ]
        others = frozenset(
            call.call.region
            for call in calls
            if target is None and not self._wrappers.is_usual(call)
        )
        return Calls(usual=frozenset(call.call.region for call in calls) - others, others=others)

    def _source(self, path: str) -> Source:
        if path not in self._sources:
            text = EncodedText.of((self._root / path).read_bytes()).text
            self._sources[path] = Source(text)
        return self._sources[path]

    def _fixed(self, path: str, edits: Sequence[TextEdit]) -> Iterator[FixedFile]:
        if edits:
            before = (self._root / path).read_bytes()
            text = EncodedText.of(before)
            yield FixedFile(path, before, text.encoded(edited(text.text, edits)), ())

"""`klplint fix --drop-task-parameter`: the switching function without its parameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from klplint.checks.argument import ArgumentCheck
from klplint.cli import console
from klplint.cli.plan import plan_run
from klplint.config.settings import Settings
from klplint.csource.lexer import Source
from klplint.csource.text_edits import TextEdit, edited
from klplint.engine.plan import Plan
from klplint.engine.switch_calls import SwitchCall, SwitchCalls, switch_calls
from klplint.errors import TreeError, UsageError
from klplint.fixes.planning import FixedFile
from klplint.report.counts import counted
from klplint.signature.mentions import mentions
from klplint.signature.plan import FilePlan
from klplint.signature.request import Calls, Obstacle, Request
from klplint.source_text import EncodedText

_DOCUMENTS = ("Documentation", ("*.rst", "*.txt"))
_MOST_SAID = 10


def dropped(paths: Sequence[Path], settings: Settings, second: str) -> tuple[Plan, list[FixedFile]]:
    """The files of the tree without the parameter.

    Raises UsageError where a second function is needed or cannot be had, TreeError where the tree
    has no switching function, or one that cannot be changed safely.
    """
    plan = plan_run(paths, settings)
    check = _argument_check(plan)
    with console.progress(settings.display) as progress:
        switching = switch_calls(plan, check, progress, second)
    if switching.unreadable:
        first = switching.unreadable[0]
        raise TreeError(f"{first.file}: cannot be read: {first.reason}; nothing was changed")
    if switching.naming:
        place = min(switching.naming)
        raise UsageError(f"--second-name: {second} is in the tree already ({place}); give another")
    name = _defined(check, switching)
    change = _Change(plan, switching, _request(name, check, switching, second))
    change.expect_possible()
    return plan, [*change.files()]


def _request(name: str, check: ArgumentCheck, switching: SwitchCalls, second: str) -> Request:
    """The request; the second function is local if all its callers are behind it in one file."""
    definitions = switching.definitions(name)
    others = [call for call in switching.of(name) if not call.is_usual]
    is_local = all(
        call.file in definitions and call.call.region.line > definitions[call.file]
        for call in others
    )
    return Request(name, check.argument, check.accept[0], second, is_local, check.accept)


def _argument_check(plan: Plan) -> ArgumentCheck:
    for rule in plan.rules:
        if isinstance(rule.check, ArgumentCheck):
            return rule.check
    raise UsageError("--drop-task-parameter needs KLP001, which says what the functions are")


def _defined(check: ArgumentCheck, switching: SwitchCalls) -> str:
    """The switching function that the tree defines."""
    for name in check.functions:
        if switching.definitions(name):
            return name
    raise TreeError(
        f"no file in the PATHs defines {' or '.join(check.functions)}; give the whole tree"
    )


class _Change:
    """The change of a tree."""

    def __init__(self, plan: Plan, switching: SwitchCalls, request: Request) -> None:
        self._root = plan.sources.root
        self._files = frozenset(plan.sources.files)
        self._facts = switching.facts
        self._request = request
        self._calls = switching.of(request.name)

    def expect_possible(self) -> None:
        """Raise the error for what stands in the way."""
        obstacles = sorted(self._obstacles())
        if obstacles:
            first = obstacles[0]
            raise TreeError(
                f"{first.file}:{first.line}: {self._request.name}() cannot be changed: "
                f"{first.reason}; nothing was changed"
            )
        others = self._others
        if others and not self._request.second:
            places = ", ".join(f"{c.file}:{c.call.region.line}" for c in others[:_MOST_SAID])
            raise UsageError(
                f"{counted(len(others), 'call')} of {self._request.name}() may pass another task "
                f"({places}); give --second-name NAME for a function that keeps the parameter"
            )
        if self._request.second and not others:
            raise UsageError(
                f"all calls of {self._request.name}() pass `{self._request.value}`: no second "
                "function is needed; omit --second-name"
            )

    def files(self) -> Iterator[FixedFile]:
        """The changed files, documents included."""
        for path, file in self._plans.items():
            edits = file.edits(self._calls_in(path))
            yield from self._fixed(path, edits)
        directory, patterns = _DOCUMENTS
        for pattern in patterns:
            for document in sorted((self._root / directory).rglob(pattern)):
                if not document.is_file():
                    continue  # a directory, or a link to nothing
                text = EncodedText.of(document.read_bytes()).text
                edits = [*mentions(text, self._request)]
                yield from self._fixed(document.relative_to(self._root).as_posix(), edits)

    @cached_property
    def _plans(self) -> dict[str, FilePlan]:
        return {
            path: FilePlan(self._source(path), facts, self._request)
            for path, facts in self._facts.items()
            if any(o.name == self._request.name for o in facts.occurrences)
        }

    def _obstacles(self) -> Iterator[Obstacle]:
        for path, file in self._plans.items():
            if path not in self._files:
                yield Obstacle(path, 1, "the file is not in the PATHs; give the whole tree")
            yield from file.obstacles(self._calls_in(path))

    @property
    def _others(self) -> list[SwitchCall]:
        return [call for call in self._calls if not call.is_usual]

    def _calls_in(self, path: str) -> Calls:
        calls = [call for call in self._calls if call.file == path]
        return Calls(
            usual=frozenset(call.call.region for call in calls if call.is_usual),
            others=frozenset(call.call.region for call in calls if not call.is_usual),
        )

    def _source(self, path: str) -> Source:
        return Source(EncodedText.of((self._root / path).read_bytes()).text)

    def _fixed(self, path: str, edits: Sequence[TextEdit]) -> Iterator[FixedFile]:
        if edits:
            before = (self._root / path).read_bytes()
            text = EncodedText.of(before)
            yield FixedFile(path, before, text.encoded(edited(text.text, edits)), ())

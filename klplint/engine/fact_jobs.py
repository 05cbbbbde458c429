"""The jobs that make the facts of files: what is precompiled for them, and which come first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from klplint.csource.patched_functions_csv import is_csv
from klplint.engine.compile_targets import CompileTargets
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.watch import Watch
from klplint.frontend.collect import collect_facts
from klplint.frontend.precompiled import PrecompiledHeader, is_worthwhile, precompile
from klplint.kernel.compile_unit import CompileUnit
from klplint.worker_process import give_memory_back


class Task(NamedTuple):
    """A file to analyse."""

    file: str
    watch: Watch
    """What to look for in it."""
    key: bytes | None = None
    """The cache key of its facts; None if it is not known, or they must not be cached."""

    @property
    def is_table(self) -> bool:
        """Whether only its tables are read, which takes no parse."""
        return is_csv(self.file) or (bool(self.watch.modules) and not self.watch.names)

    @property
    def is_followed(self) -> bool:
        """Whether functions of the file are analysed: then it is parsed alone."""
        watch = self.watch
        return bool(watch.functions or watch.callees or watch.macros)


class _Group(NamedTuple):
    """The tasks of one architecture that may be carried out behind a precompiled header."""

    short: list[Task]
    """Those for files in which only barriers have to be found."""
    followed: list[Task]
    """Those for files of which functions are analysed."""

    @property
    def takes_common_headers(self) -> bool:
        """Whether common headers are precompiled, and not only what barriers need."""
        return is_worthwhile(len(self.short), len(self.followed))

    @property
    def behind_precompiled(self) -> list[Task]:
        """The tasks that are carried out behind it."""
        return [*self.followed, *self.short] if self.takes_common_headers else self.short


class Job(NamedTuple):
    """A call for a worker to make."""

    function: Callable[..., object]
    arguments: tuple[object, ...]
    task: Task | None = None
    """The task that it carries out; None for a precompiled header."""
    target: str = ""
    """The compile target of a precompiled header."""


class FactJobs:
    """Makes jobs of tasks."""

    def __init__(self, parses: bool, targets: CompileTargets, watch: Watch) -> None:
        """`parses` says whether libclang is used."""
        self._parses = parses
        self._targets = targets
        self._watch = watch
        self._ended = 0
        """How many jobs have ended."""
        self._precompiled = set[str]()
        """The compile targets whose headers are being precompiled."""

    def of(self, tasks: list[Task]) -> Iterator[Job | None]:
        """The jobs for some tasks; None where the next one has to wait for an earlier one.

        Precompiling comes first. Meanwhile, files are analysed that are parsed alone. The many
        short tasks come last, so that all processes finish at about the same time.
        """
        groups = self._groups(tasks) if self._parses else []
        behind = [task for group in reversed(groups) for task in group.behind_precompiled]
        waiting = {*behind}
        for group in groups:
            yield from self._precompiling(group)
        yield from (self._with_parse(task) for task in tasks if task not in waiting)
        for task in sorted(behind, key=lambda task: not task.is_followed):
            yield from self._until_precompiled(task)
            yield self._with_parse(task)

    def _groups(self, tasks: list[Task]) -> list[_Group]:
        """The tasks that may share a precompiled header, by architecture.

        The largest group comes first: its precompiled header takes longest.
        """
        alike: defaultdict[str, _Group] = defaultdict(lambda: _Group([], []))
        for task in tasks:
            if not (task.is_table or task.file.endswith(".S")):
                group = alike[self._targets.architecture(task.file)]
                if not task.is_followed:
                    group.short.append(task)
                else:
                    group.followed.append(task)
        return sorted(alike.values(), key=lambda group: len(group.short), reverse=True)

    def _precompiling(self, group: _Group) -> Iterator[Job]:
        """The job that precompiles headers for a group, if there is need."""
        units = [self._unit(task) for task in group.behind_precompiled]
        units = [unit for unit in units if unit.commands is None]
        arguments = units and self._targets.precompiling(
            units, bool(self._watch.loads), group.takes_common_headers
        )
        if arguments:
            self._precompiled.add(units[0].target.name)
            yield Job(precompile, arguments, target=units[0].target.name)

    def _until_precompiled(self, task: Task) -> Iterator[None]:
        """None as long as the headers for a task are being precompiled, in a process that lives."""
        target, ended = self._targets.architecture(task.file), -1
        while target in self._precompiled and ended != self._ended:
            ended = self._ended
            yield None
        self._precompiled.discard(target)

    def _with_parse(self, task: Task) -> Job:
        unit = self._targets.behind_precompiled(self._unit(task))
        problem = "" if self._parses else "not parsed"
        return Job(_facts_or_unreadable, (unit, task.watch, problem), task)

    def from_tokens(self, task: Task, problem: str) -> Job:
        """The job that reads the tokens of a file only, because of a problem."""
        return Job(_facts_or_unreadable, (self._unit(task), task.watch, problem), task)

    def _unit(self, task: Task) -> CompileUnit:
        return self._targets.unit(task.file, self._watch.barriers - self._watch.loads)

    def end(self, job: Job, result: object) -> None:
        """Note that a job has ended; put the precompiled header to use that it made."""
        self._ended += 1
        self._precompiled.discard(job.target)
        if isinstance(result, PrecompiledHeader):
            self._targets.use(result)


def _facts_or_unreadable(
    unit: CompileUnit, watch: Watch, problem: str = ""
) -> FileFacts | Unreadable:
    """A file's facts, or why it cannot be read; runs in a worker."""
    try:
        return collect_facts(unit, watch, problem)
    except OSError as error:
        return Unreadable(unit.path, error.strerror or str(error))
    finally:
        if unit.is_repeated:
            give_memory_back()

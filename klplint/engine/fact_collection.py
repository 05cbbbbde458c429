"""Finding out the facts: search, then parse what was found, in parallel processes.

A file on which libclang crashes or takes too long costs only itself: it is told, and read by
its tokens. What facts ask for further (the uses of a macro that calls a watched function) is
looked for in further rounds, until nothing new is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from klplint.csource.outline import names_in_words
from klplint.csource.suppressions import MARK
from klplint.engine.compile_targets import Platforms
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.queries import FilesNaming
from klplint.facts.watch import Callee, MacroDefinition, Watch
from klplint.frontend.collect import collect_facts
from klplint.frontend.precompiled import WORTHWHILE, Prefix, build_prefix
from klplint.index.tree_index import files_naming
from klplint.kernel.compile_unit import Unit
from klplint.process_pool import Failure

# Facts that are written to the cache together; a run that is killed loses no more than these.
_AT_ONCE = 200


class Survey:
    """The files of a run and what they are compiled against; gives their facts."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._platforms = Platforms(session)
        self._watch = Watch()

    def facts(
        self, watch: Watch, names: frozenset[str] | None = None
    ) -> Iterator[FileFacts | Unreadable]:
        """The facts of each file that names what is watched, or klplint, as they come.

        With `names`, only files that name one of these, or klplint.

        Facts of a file that came before are replaced by those that come later: macros were
        found meanwhile that call what is watched, and the file uses one.
        """
        self._watch = watch
        files, unreadable = self._naming((watch.names if names is None else names) | {MARK})
        yield from unreadable
        yield from self._rounds(files)

    def following(self, callees: Iterable[Callee]) -> Iterator[FileFacts | Unreadable]:
        """The facts, anew, of each file of the whole tree that may call one of `callees`.

        What is watched stays watched.
        """
        new = tuple(callees)
        self._watch |= Watch(callees=new)
        named = {callee.path for callee in new}
        shared = [FilesNaming(callee.name) for callee in new if callee.shared]
        if shared:
            with self._session.statistics.phase("searching"):
                found = self._session.index.find(shared, self._session.progress)
            named |= files_naming(found).keys()
        yield from self._rounds(sorted(named))

    def _naming(self, names: frozenset[str]) -> tuple[list[str], list[Unreadable]]:
        """The linted files that name one of `names`, and those that cannot be read."""
        session = self._session
        words = [FilesNaming(name) for name in names]
        with session.statistics.phase("searching"):
            files = session.sources.files
            session.progress.begin("searching", len(files))
            found, unreadable = session.index.find_in(files, words, session.progress)
        naming = files_naming(found)
        if not naming.keys().isdisjoint(session.index.changed):
            session.workers.begin()  # while it is found out what exactly has to be done
        return list(naming), unreadable

    def _rounds(self, files: list[str]) -> Iterator[FileFacts | Unreadable]:
        """The facts of some files, and of those that use macros which turn up in them."""
        while files:
            found: set[MacroDefinition] = set()
            for facts in self._collect(files):
                yield facts
                if isinstance(facts, FileFacts):
                    found |= {macro for macro in facts.macros if _calls(macro, self._watch)}
            new = found - {*self._watch.macros}
            self._watch |= Watch(macros=tuple(new))
            files = self._files_using(new)

    def _files_using(self, macros: set[MacroDefinition]) -> list[str]:
        """The files to ask for uses of macros: a header's may be used anywhere."""
        own = {macro.path for macro in macros}
        shared = frozenset(macro.name for macro in macros if macro.path.endswith(".h"))
        return sorted({*own, *(self._naming(shared)[0] if shared else ())})

    def _collect(self, files: list[str]) -> Iterator[FileFacts | Unreadable]:
        """The facts of files: those of earlier runs, where nothing changed, else found anew."""
        with self._session.statistics.phase("reading the cache"):
            tasks = self._tasks(files)
            known = self._session.recall((task.key for task in tasks), FileFacts)
        yield from known.values()
        self._session.statistics.counts["files cached"] += len(known)
        with self._session.statistics.phase("analysing"):
            yield from self._analysed([task for task in tasks if task.key not in known])

    def _tasks(self, files: list[str]) -> list[_Task]:
        watch, session = self._watch, self._session
        names = watch.names | watch.macro_names | {callee.name for callee in watch.callees}
        words = [FilesNaming(name) for name in names]
        held = files_naming(session.index.find_in(files, words, session.progress)[0])
        tasks = []
        for file in files:
            concerning = watch.concerning(held.get(file, frozenset()))
            tasks.append(_Task(file, concerning, self._platforms.key(file, concerning)))
        return tasks

    def _analysed(self, tasks: list[_Task]) -> Iterator[FileFacts | Unreadable]:
        """The facts of files, found anew: behind a prefix those of an architecture's others.

        Meanwhile, what needs no prefix is done.
        """
        self._session.progress.begin("analysing", len(tasks))
        groups = self._groups(tasks) if self._session.execution.parse else []
        waiting = [group for group in groups if len(group) >= WORTHWHILE]
        grouped = {task for group in waiting for task in group}
        alone = [task for task in tasks if task not in grouped]
        yield from self._carried_out(chain(self._precompiling(groups), map(self._job, alone)))
        # The many small ones last: so all processes are done at the same time.
        yield from self._carried_out(map(self._job, chain.from_iterable(reversed(waiting))))

    def _groups(self, tasks: list[_Task]) -> list[list[_Task]]:
        """The files that a prefix may serve, by architecture; the greatest group, whose prefix
        takes longest, comes first.
        """
        alike: defaultdict[str, list[_Task]] = defaultdict(list)
        for task in tasks:
            if not (task.is_followed or task.file.endswith(".S")):
                alike[self._platforms.architecture(task.file)].append(task)
        return sorted(alike.values(), key=len, reverse=True)

    def _precompiling(self, groups: list[list[_Task]]) -> Iterator[_Job]:
        for group in groups:
            units = [unit for task in group if (unit := self._unit(task)).commands is None]
            arguments = units and self._platforms.precompiling(units, bool(self._watch.loads))
            if arguments:
                yield _Job(build_prefix, arguments)

    def _job(self, task: _Task) -> _Job:
        unit = self._unit(task)
        unit = unit._replace(prefix=self._platforms.prefix(unit))
        problem = "" if self._session.execution.parse else "not parsed"
        return _Job(_facts_or_reason, (unit, task.watch, problem), task)

    def _unit(self, task: _Task) -> Unit:
        return self._platforms.unit(task.file, self._watch.barriers - self._watch.loads)

    def _carried_out(self, jobs: Iterable[_Job]) -> Iterator[FileFacts | Unreadable]:
        """The facts that jobs give, as they come; prefixes are put to use."""
        session, begun = self._session, list[_Job]()

        def beginning() -> Iterator[tuple[object, ...]]:
            for job in jobs:
                begun.append(job)
                yield job.function, *job.arguments

        new: dict[bytes, object] = {}
        seconds = session.execution.seconds_per_file
        for number, result in session.workers.run(_carry_out, beginning(), seconds):
            task = begun[number].task
            if isinstance(result, Prefix):
                self._platforms.take(result)
            if task is None:
                continue
            session.progress.advance(1)
            if isinstance(result, Failure):
                yield _facts_from_tokens(self._unit(task), task.watch, result.reason)
            elif isinstance(result, FileFacts):
                session.statistics.counts["files analysed"] += 1
                session.statistics.counts["parses"] += result.parses
                new[task.key] = result
                if len(new) >= _AT_ONCE:
                    self._remember(new)
                    new = {}
            if isinstance(result, (FileFacts, Unreadable)):
                yield result
        self._remember(new)

    def _remember(self, facts: dict[bytes, object]) -> None:
        """Keep facts, unless something changed under the run: they may be another text's."""
        if facts and self._session.cache and self._platforms.keys_hold():
            self._session.remember(facts)


class _Task(NamedTuple):
    """A file to analyse, for what, and the key of its facts."""

    file: str
    watch: Watch
    key: bytes

    @property
    def is_followed(self) -> bool:
        """Whether functions of the file are analysed: then it is parsed by itself."""
        watch = self.watch
        return bool(watch.functions or watch.callees or watch.macros)


class _Job(NamedTuple):
    """What a worker is to do; for a file's facts, with the task."""

    function: Callable[..., object]
    arguments: tuple[object, ...]
    task: _Task | None = None


def _carry_out(function: Callable[..., object], *arguments: object) -> object:
    """A job; runs in a worker."""
    return function(*arguments)


def _calls(macro: MacroDefinition, watch: Watch) -> bool:
    """Whether a macro's body names a watched function, or a macro that calls one."""
    called = watch.functions | watch.followed_in(macro.path) | watch.macro_names
    return bool(names_in_words(macro.body) & called)


def _facts_or_reason(unit: Unit, watch: Watch, problem: str = "") -> FileFacts | Unreadable:
    """A file's facts, or why it could not be read; runs in a worker."""
    try:
        return collect_facts(unit, watch, problem)
    except OSError as error:
        return Unreadable(unit.path, error.strerror or str(error))


def _facts_from_tokens(unit: Unit, watch: Watch, problem: str) -> FileFacts | Unreadable:
    """The facts of a file on which a worker failed, by its tokens alone."""
    try:
        return collect_facts(unit, watch, problem)
    except OSError as error:
        return Unreadable(unit.path, error.strerror or str(error))
    except Exception as error:  # it failed twice, and is told; the other files go on
        return Unreadable(
            unit.path, f"{problem}; the token-based fallback failed, too ({type(error).__name__})"
        )

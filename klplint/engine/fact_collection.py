"""The facts of files: from the cache, else by analysing the files in parallel processes.

If libclang crashes on a file or takes too long, only this file is affected: it is reported and
read by its tokens. Facts may lead to further files (those that use a macro which calls a watched
function). These are analysed in further rounds, until there are none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator

from msgspec.structs import replace

from klplint.csource.comment_text import SPELLINGS
from klplint.csource.outline import names_in_words
from klplint.csource.patched_functions_csv import is_csv
from klplint.engine.compile_targets import CompileTargets
from klplint.engine.fact_jobs import FactJobs, Job, Task
from klplint.engine.session import Session
from klplint.facts.file_facts import FileFacts, Unreadable
from klplint.facts.queries import FilesNaming
from klplint.facts.watch import Callee, MacroDefinition, Watch
from klplint.frontend.parse import load_libclang
from klplint.index.tree_index import files_naming
from klplint.kernel.signatures import are_settled
from klplint.worker_process import Failure

# How many facts are written to the cache at once: a run that is killed loses at most these. To
# verify before that no file has changed takes 0.1 s.
_AT_ONCE = 500
# Facts of up to so many files wait for the end of the run.
_FEW = 20
# Macros that call macros, and functions that call functions, are followed for so many rounds, each
# of which may parse a file once more. Those of Linux 6.12 take four.
_MOST_ROUNDS = 24


class FactCollector:
    """Collects the facts of a run's files."""

    def __init__(
        self, session: Session, prepare: Callable[[FileFacts], None] = lambda _: None
    ) -> None:
        """`prepare` gets new facts as they come: other processes are still busy then."""
        self._session = session
        self._prepare = prepare
        self._targets = session.memo.once(CompileTargets, session)
        self._watch = Watch()
        self._round = 0
        self._new: dict[bytes, FileFacts] = {}
        """Facts that are not cached yet, by their keys."""
        self._began = 0
        """When files were first analysed before their keys were known; 0 if none was."""

    def facts(
        self,
        watch: Watch,
        names: frozenset[str] | None = None,
        everywhere: frozenset[str] = frozenset(),
    ) -> Iterator[FileFacts | Unreadable]:
        """The facts of each linted file that holds a watched name or the word klplint.

        With `names`, only those of files that hold one of these, or the word klplint. Of the
        functions `everywhere`, the files of the whole tree that name them come, too. A file may
        come again: if a macro turns up that calls a watched function and the file uses it, the
        later facts replace the earlier ones.
        """
        self._watch = watch
        files, unreadable = self._files_naming(
            (watch.searched if names is None else names) | SPELLINGS
        )
        yield from (*self._session.sources.unreadable, *unreadable)
        tables = filter(is_csv, self._session.sources.files if self._watch.modules else ())
        yield from self._rounds(sorted({*files, *self._in_tree(everywhere), *tables}))

    def following(self, callees: Collection[Callee]) -> Iterator[FileFacts | Unreadable]:
        """The facts of each file of the whole tree that may call one of `callees`.

        What was watched before is still watched.
        """
        naming = self._by_name({callee.name for callee in callees if callee.shared})
        new = {each: naming[each.name] if each.shared else frozenset() for each in callees}
        new = {c: files for c, files in new.items() if len(files) <= (c.most_files or len(files))}
        # How many files may name one does not matter to the facts, and so not to their keys.
        self._watch |= Watch(callees=tuple({replace(callee, most_files=0) for callee in new}))
        yield from self._rounds(sorted({c.path for c in new}.union(*new.values())))

    def _in_tree(self, names: frozenset[str]) -> frozenset[str]:
        """The files of the whole tree that hold one of `names`."""
        return frozenset().union(*self._by_name(names).values())

    def _by_name(self, names: Iterable[str]) -> dict[str, frozenset[str]]:
        """The files of the whole tree that hold each of `names`."""
        words = [FilesNaming(name) for name in names]
        if not words:
            return {}
        with self._session.statistics.phase("searching"):
            hits = self._session.index.find(words, self._session.progress)
        return {word.name: frozenset(hits[word]) for word in words}

    def _files_naming(self, names: frozenset[str]) -> tuple[list[str], list[Unreadable]]:
        """The linted files that hold one of `names`, and those that cannot be read."""
        session = self._session
        words = [FilesNaming(name) for name in names]
        with session.statistics.phase("searching"):
            files = session.sources.files
            session.progress.begin("searching", len(files))
            hits, unreadable = session.index.find_in(files, words, session.progress)
        naming = files_naming(hits)
        return list(naming), unreadable

    def _rounds(self, files: list[str]) -> Iterator[FileFacts | Unreadable]:
        """The facts of some files, and of the files that use macros defined in them."""
        while files:
            self._round += 1
            if self._round > _MOST_ROUNDS:
                yield from self._without_parsing(files)
                return
            macros: set[MacroDefinition] = set()
            for facts in self._collect(files):
                yield facts
                if isinstance(facts, FileFacts):
                    macros |= _calling(facts, self._watch)
            new = macros - {*self._watch.macros}
            self._watch |= Watch(macros=tuple(new))
            files = self._files_using(new)

    def _without_parsing(self, files: list[str]) -> Iterator[FileFacts | Unreadable]:
        """The facts of files by their tokens: to follow their macros and functions takes too long.

        They are not followed further.
        """
        problem = f"its macros or functions call each other in more than {_MOST_ROUNDS} levels"
        for task in self._tasks(files):
            yield self._facts_from_tokens(task, problem)

    def _files_using(self, macros: set[MacroDefinition]) -> list[str]:
        """The files that may use some macros: a macro of a header may be used anywhere."""
        defining = {macro.path for macro in macros}
        shared = frozenset(macro.name for macro in macros if macro.path.endswith(".h"))
        return sorted(defining.union(self._in_tree(shared)))

    def _collect(self, files: list[str]) -> Iterator[FileFacts | Unreadable]:
        """The facts of files: from the cache where nothing changed, else by analysing them."""
        if self._has_nothing_cached(files):
            began = time.time_ns()
            with self._session.statistics.phase("analysing"):
                self._targets.read_headers(files)
                if self._targets.were_settled(began):  # else no facts could be cached
                    self._began = began
                    yield from self._analysed(self._tasks(files))
                    self._targets.remember()
                    return
        with self._session.statistics.phase("reading the cache"):
            tasks = [task._replace(key=self._key(task)) for task in self._tasks(files)]
            self._targets.remember()
            keys = {task.key for task in tasks if task.key}
            cached = {key: self._new[key] for key in keys & self._new.keys()}
            cached |= self._session.recall(sorted(keys - cached.keys()), FileFacts)
        yield from cached.values()
        self._session.statistics.counts["files cached"] += len(cached)
        with self._session.statistics.phase("analysing"):
            yield from self._analysed([task for task in tasks if task.key not in cached])

    def _has_nothing_cached(self, files: Iterable[str]) -> bool:
        """Whether to analyse files at once: their keys are worked out meanwhile, to cache them.

        A key is of the same text as the facts if the file has not changed for a while.
        """
        session = self._session
        is_empty = session.cache is None or session.cache.was_empty
        if self._round > 1 or session.execution.is_repeated or not is_empty:
            return False
        listed = session.index.files
        return are_settled(listed[file] for file in files if file in listed)

    def _tasks(self, files: list[str]) -> list[Task]:
        """A task for each file, with the part of the watch that concerns it, without a key."""
        watch, session = self._watch, self._session
        names = watch.searched | watch.macro_names | {callee.name for callee in watch.callees}
        words = [FilesNaming(name) for name in names]
        held = files_naming(session.index.find_in(files, words, session.progress)[0])
        return [Task(f, watch.concerning(held.get(f, frozenset()))) for f in files]

    def _key(self, task: Task) -> bytes | None:
        """The key of the facts that a task results in."""
        key = self._targets.key(task.file, task.watch)
        self._session.is_complete = self._session.is_complete and key is not None
        return key

    def _analysed(self, tasks: list[Task]) -> Iterator[FileFacts | Unreadable]:
        """The facts of files, by analysing them in other processes."""
        session, begun = self._session, list[Job]()
        session.progress.begin("analysing", len(tasks))
        if tasks and session.execution.parse:
            load_libclang()
        jobs = self._jobs()

        def beginning() -> Iterator[tuple[object, ...] | None]:
            for job in jobs.of(tasks):
                if job is None:
                    yield None
                else:
                    begun.append(job)
                    yield job.function, *job.arguments

        seconds = session.execution.seconds_per_file
        for number, result in session.workers.run(_call, beginning(), seconds):
            jobs.end(begun[number], result)
            task = begun[number].task
            if task is not None:
                session.progress.advance(1)
                yield from self._taken(task, result)

    def _jobs(self) -> FactJobs:
        return FactJobs(self._session.execution.parse, self._targets, self._watch)

    def _taken(self, task: Task, result: object) -> Iterator[FileFacts | Unreadable]:
        """The facts that a task results in; they will be cached."""
        counts = self._session.statistics.counts
        if isinstance(result, Failure):
            yield self._facts_from_tokens(task, result.reason)
        elif isinstance(result, FileFacts):
            counts["files analysed"] += 1
            counts["parses"] += result.parses
            key = task.key or self._key(task)
            if result.problem:  # another run may have more luck
                self._session.is_complete = False
            elif key:
                self._new[key] = result
            if len(self._new) >= _AT_ONCE:
                self.remember()
            self._prepare(result)
        if isinstance(result, (FileFacts, Unreadable)):
            yield result

    def _facts_from_tokens(self, task: Task, problem: str) -> FileFacts | Unreadable:
        """The facts of a file on which a worker failed, by its tokens alone.

        They are collected in another process, too, since the tokens may be what takes too long.
        """
        self._session.is_complete = False
        job = self._jobs().from_tokens(task, problem)
        seconds = self._session.execution.seconds_per_file
        arguments = (job.function, *job.arguments)
        ((_, result),) = self._session.workers.run(_call, [arguments], seconds)
        if isinstance(result, (FileFacts, Unreadable)):
            return result
        reason = result.reason if isinstance(result, Failure) else "no facts"
        return Unreadable(task.file, f"{problem}; the token-based fallback failed, too ({reason})")

    def remember(self) -> None:
        """Cache new facts, unless a file changed during the run: they may be of another text.

        To compare the files takes a while, so the facts of all rounds wait for it. Those of few
        files, which a run that is killed may lose, wait for the end of the run.
        """
        session, new, holds = self._session, self._new, self._targets.keys_hold
        self._new = {}
        is_kept = session.cache is not None and session.execution.keep
        if not (new and is_kept and self._targets.were_settled(self._began)):
            return
        if len(new) <= _FEW:
            session.remember_if(holds, new)
        elif holds():
            session.remember(new)


def _call(function: Callable[..., object], *arguments: object) -> object:
    """The result of a job; runs in a worker."""
    return function(*arguments)


def _calling(facts: FileFacts, watch: Watch) -> set[MacroDefinition]:
    """The macros of a file whose bodies name a watched function, or a macro that calls one."""
    if not facts.macros:
        return set()
    called = watch.functions | watch.followed_in(facts.path) | watch.macro_names
    return {macro for macro in facts.macros if names_in_words(macro.body) & called}

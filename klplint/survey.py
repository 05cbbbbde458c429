"""Finding out the facts: search, then parse what was found, in parallel processes.

A file on which libclang crashes or takes too long costs only itself: it is told, and read by
its tokens. What facts ask for further (the uses of a macro that calls a watched function) is
looked for in further rounds, until nothing new is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from klplint.facts import FileFacts
from klplint.frontend.architecture import Chooser
from klplint.frontend.collect import collect_facts
from klplint.frontend.compile_commands import CompileCommands
from klplint.frontend.unit import Platform, Unit, build_platform
from klplint.outline import names_in_words
from klplint.progress import Progress
from klplint.search import Unreadable, files_naming
from klplint.suppressions import MARK
from klplint.textfile import source_or_nothing
from klplint.tree import Sources, searchable
from klplint.watch import Callee, MacroDefinition, Watch
from klplint.workers import Failure, Workers

_SEARCH_CHUNK = 2000


class Setup(msgspec.Struct, frozen=True):
    """How a run works: in how many processes, how many seconds at most on one file (and on one
    pass through some thousand), for which architecture before x86, and with which compilation
    database. Without `parse`, libclang is not asked: what only comments tell needs no compiler.
    """

    jobs: int
    seconds_per_file: float = 60.0
    seconds_per_pass: float = 600.0
    parse: bool = True
    architecture: str | None = None
    commands: CompileCommands | None = None


class Survey:
    """The files of a run and what they are compiled against; gives their facts."""

    def __init__(self, sources: Sources, setup: Setup, progress: Progress, folder: Path) -> None:
        """`folder` takes the stand-in headers."""
        self._sources = sources
        self._setup = setup
        self._progress = progress
        self._folder = folder
        self._chooser = Chooser(sources.kernel, setup.architecture)
        self._platforms: dict[str, Platform] = {}
        self._watch = Watch()

    def facts(self, watch: Watch) -> Iterator[FileFacts | Unreadable]:
        """The facts of each file that names what is watched, or klplint, as they come.

        Facts of a file that came before are replaced by those that come later: macros were
        found meanwhile that call what is watched, and the file uses one.
        """
        self._watch = watch
        with self._workers() as workers:
            names = watch.names | {MARK}
            files, unreadable = self._search(self._sources.files, names, workers)
            yield from unreadable
            yield from self._rounds(files, workers)

    def following(self, callees: Iterable[Callee]) -> Iterator[FileFacts | Unreadable]:
        """The facts, anew, of each file of the whole tree that may call one of `callees`.

        What is watched stays watched.
        """
        new = tuple(callees)
        self._watch |= Watch(callees=new)
        own = {callee.path for callee in new}
        shared = frozenset(callee.name for callee in new if callee.shared)
        with self._workers() as workers:
            named = self._search(searchable(self._sources), shared, workers)[0] if shared else []
            yield from self._rounds(sorted({*own, *named}), workers)

    def _workers(self) -> Workers:
        jobs = min(self._setup.jobs, max(1, len(self._sources.files)))
        return Workers(jobs, self._setup.seconds_per_file)

    def _rounds(self, files: list[str], workers: Workers) -> Iterator[FileFacts | Unreadable]:
        """The facts of some files, and of those that use macros which turn up in them."""
        while files:
            found: set[MacroDefinition] = set()
            for facts in self._collect(files, self._watch, workers):
                yield facts
                if isinstance(facts, FileFacts):
                    found |= {macro for macro in facts.macros if _calls(macro, self._watch)}
            new = found - {*self._watch.macros}
            self._watch |= Watch(macros=tuple(new))
            files = self._files_using(new, workers)

    def _search(
        self,
        files: Iterable[str],
        names: frozenset[str],
        workers: Workers,
        size: int = _SEARCH_CHUNK,
    ) -> tuple[list[str], list[Unreadable]]:
        """Those of `files` that name one of `names`, and those that cannot be read.

        The search goes through `size` files at once; where that fails, through each by itself.
        """
        listed = list(files)
        self._progress.begin("searching", len(listed))
        chunks = [listed[i : i + size] for i in range(0, len(listed), size)]
        tasks = [(self._sources.root, chunk, names) for chunk in chunks]
        hits: list[str] = []
        unreadable: list[Unreadable] = []
        again: list[str] = []
        for index, found in workers.run(files_naming, tasks):
            self._progress.advance(len(chunks[index]))
            if isinstance(found, Failure) and len(chunks[index]) > 1:
                again += chunks[index]
            elif isinstance(found, Failure):
                unreadable.append(Unreadable(chunks[index][0], "searching it failed"))
            else:
                hits += found[0]
                unreadable += found[1]
        if again:
            more = self._search(again, names, workers, size=1)
            hits += more[0]
            unreadable += more[1]
        return sorted(hits), unreadable

    def _files_using(self, macros: set[MacroDefinition], workers: Workers) -> list[str]:
        """The files to ask for uses of macros: a header's may be used anywhere."""
        own = {macro.path for macro in macros}
        shared = frozenset(macro.name for macro in macros if macro.path.endswith(".h"))
        users = self._search(self._sources.files, shared, workers)[0] if shared else []
        return sorted({*own, *users})

    def _collect(
        self, files: list[str], watch: Watch, workers: Workers
    ) -> Iterator[FileFacts | Unreadable]:
        self._progress.begin("analysing", len(files))
        units = [self._unit(name, watch) for name in files]
        problem = "" if self._setup.parse else "not parsed"
        tasks = [(unit, watch, problem) for unit in units]
        for index, facts in workers.run(_facts_or_reason, tasks):
            self._progress.advance(1)
            if isinstance(facts, Failure):
                yield _facts_from_tokens(units[index], watch, facts.reason)
            else:
                yield facts

    def _unit(self, name: str, watch: Watch) -> Unit:
        """A file with what it is compiled against; each platform is built once."""
        file = self._sources.root / name
        path = "" if self._sources.out_of_tree else name
        architecture = self._chooser.choose(path, source_or_nothing(file))
        if architecture not in self._platforms:
            self._platforms[architecture] = build_platform(
                self._folder, self._sources.kernel, architecture, watch.barriers - watch.loads
            )
        commands = self._setup.commands
        return Unit(
            file,
            name,
            self._sources.root,
            self._sources.kernel,
            self._platforms[architecture],
            commands.arguments(file) if commands else None,
        )


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
        return Unreadable(unit.path, f"{problem}; its tokens neither ({type(error).__name__})")

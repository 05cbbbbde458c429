"""A kernel tree with the texts of an editor in it, linted again and again.

The tree is a shadow (see compare/shadow_tree.py), so that what the editor shows is what
`klplint check` reports once the texts are saved. The session stays open between the runs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from klplint.barriers.pairing import PairReader, Readers
from klplint.checks.read_barrier_base import barrier_checks
from klplint.compare.shadow_tree import change_in_shadow, shadow
from klplint.engine.editing_session import EditingSession
from klplint.engine.other_barriers import barriers_of_file
from klplint.engine.pair_listing import FilePair, pairs_in, with_other_ends
from klplint.engine.plan import Plan
from klplint.engine.stages import lint_in
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Result
from klplint.kernel.compile_commands import NAME as DATABASE_NAME
from klplint.kernel.compile_commands import CompileCommands
from klplint.kernel.signatures import Signature, signature_of
from klplint.kernel.sources import kernel_listing
from klplint.progress import Progress

Texts = Mapping[str, bytes]
"""The texts that differ from the disk, by paths from the root."""


class Outcome(msgspec.Struct, frozen=True):
    """The result of a run, and the barriers in the linted file."""

    result: Result
    pairs: tuple[FilePair, ...]
    reader: PairReader | None
    """What read the comments of the barriers."""


class EditedTree:
    """A shadow of a plan's tree, and a session over it."""

    def __init__(self, plan: Plan, texts: Texts, database: str | None, progress: Progress) -> None:
        """`database` is the compilation database that is set."""
        self._plan = plan
        self._texts = dict(texts)
        self._database = Path(database or plan.sources.kernel.output / DATABASE_NAME)
        self._progress = progress
        self._stack = contextlib.ExitStack()
        self._clock = count(1)

    def __enter__(self) -> Self:
        sources = self._plan.sources
        as_text = {
            path: text.decode(errors="surrogateescape") for path, text in self._texts.items()
        }
        context = shadow(sources, as_text, (), (), self._database)
        self._sources, translated = self._stack.enter_context(context)
        commands = CompileCommands(translated) if translated else None
        self._execution = msgspec.structs.replace(
            self._plan.execution, commands=commands, keep=False, is_repeated=True
        )
        session = EditingSession(self._sources, self._execution, self._progress)
        self._session = self._stack.enter_context(session)
        self._session.workers.prepare()
        self._session.change(self._stamp(self._texts))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def takes(self, texts: Texts) -> bool:
        """Whether these texts can be put in place: of headers, those that were there at first."""
        changed = {path for path in texts.keys() | self._texts.keys() if self._differs(path, texts)}
        return all(path.endswith((".c", ".S")) for path in changed)

    def _differs(self, path: str, texts: Texts) -> bool:
        return texts.get(path) != self._texts.get(path)

    def run(self, plan: Plan, texts: Texts) -> Outcome:
        """Lint the files of a plan with some texts in place."""
        self._put(texts)
        sources = msgspec.structs.replace(self._sources, files=plan.sources.files)
        self._session.begin(sources)
        plan = msgspec.structs.replace(plan, sources=sources, execution=self._execution)
        result, tree = lint_in(self._session, plan)
        self._session.end_run()
        return self._with_pairs(plan, result, tree)

    def barriers(self, plan: Plan, texts: Texts) -> tuple[tuple[FilePair, ...], PairReader | None]:
        """All barriers in the file of a plan, with some texts in place."""
        self._put(texts)
        sources = msgspec.structs.replace(self._sources, files=plan.sources.files)
        self._session.begin(sources)
        plan = msgspec.structs.replace(plan, sources=sources, execution=self._execution)
        barriers = barriers_of_file(plan.sources.files[0], plan, self._session)
        self._session.end_run()
        return barriers

    def is_current(self) -> bool:
        """Whether the rest of the tree is as it was read."""
        real = msgspec.structs.replace(self._plan.sources, whole=None)
        if real.kernel.is_absent or real.out_of_tree:
            return self._session.is_current()
        listed = {**kernel_listing(real)}
        seen = dict(self._session.index.files)
        for path in self._texts:
            listed.pop(path, None)
            seen.pop(path, None)
        return listed == seen and self._session.is_current()

    def _with_pairs(self, plan: Plan, result: Result, tree: TreeFacts) -> Outcome:
        checks = barrier_checks(rule.check for rule in plan.rules)
        if not checks:
            return Outcome(result, (), None)
        barriers = frozenset(barrier for check in checks for barrier in check.checked)
        reader = PairReader(barriers, checks[0].families, self._session.memo.the(Readers))
        linted = frozenset(plan.sources.files)
        files = {path: facts for path, facts in tree.files.items() if path in linted}
        tree = msgspec.structs.replace(tree, files=files)
        pairs = pairs_in(tree, reader, searched=self._execution.partners)
        return Outcome(result, with_other_ends(pairs), reader)

    def _put(self, texts: Texts) -> None:
        """Put texts in place that differ from those that are there."""
        changed = {path for path in texts.keys() | self._texts.keys() if self._differs(path, texts)}
        source, target = self._plan.sources.root, self._sources.root
        for path in sorted(changed):
            change_in_shadow(source, target, path, texts.get(path))
        self._texts = dict(texts)
        self._session.change(self._stamp(changed))

    def _stamp(self, paths: Mapping[str, bytes] | set[str]) -> dict[str, Signature]:
        """Give files a time that no other text of them had; their signatures."""
        signatures = {}
        for path in sorted(paths):
            file = self._sources.root / path
            if path in self._texts:
                os.utime(file, ns=(0, next(self._clock)))
            signatures[path] = signature_of(file)
        return signatures

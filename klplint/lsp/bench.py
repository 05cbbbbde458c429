"""Where files are linted with the texts of an editor: one edited tree at a time is open."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from klplint.barriers.pairing import PairReader
from klplint.compare.baseline import read_baseline
from klplint.compare.comparison import Comparison
from klplint.config.load import find_config
from klplint.config.settings import Settings
from klplint.engine.lint import lint
from klplint.engine.pair_listing import FilePair
from klplint.engine.plan import Plan
from klplint.errors import TreeError
from klplint.findings.finding import Result
from klplint.kernel.file_listing import relative
from klplint.kernel.signatures import GONE, Signature, signature_of
from klplint.kernel.tree import Kernel
from klplint.lsp.edited_tree import EditedTree, Outcome
from klplint.progress import Progress
from klplint.source_text import decode_source


class Planned(msgspec.Struct, frozen=True):
    """A plan for a path, and what its settings say beyond it."""

    plan: Plan
    settings: Settings
    config: Path | None = None
    """The configuration file in force."""

    @property
    def tree(self) -> tuple[object, ...]:
        """What two plans have in common that can share an edited tree."""
        sources = self.plan.sources
        return sources.root, sources.kernel.root, sources.kernel.build, self.settings


Planner = Callable[[Path], Planned]
"""Makes the plan for a path by the settings that are in force for it."""


class Bench:
    """Lints files, and keeps what it read of their tree for the next texts."""

    def __init__(
        self, planner: Planner, progress: Progress, *, has_fixed_config: bool = False
    ) -> None:
        """`has_fixed_config` says that configuration files are not searched for each path."""
        self._planner = planner
        self._has_fixed_config = has_fixed_config
        self._configs: dict[str, tuple[Path | None, Signature]] = {}
        self._progress = progress
        self._plans: dict[str, Planned] = {}
        self._tree: EditedTree | None = None
        self._tree_key: tuple[object, ...] = ()
        self._closing = contextlib.ExitStack()

    def forget(self) -> None:
        """Close the tree, and read all settings again."""
        self._plans.clear()
        self._configs.clear()
        self._close()

    def _close(self) -> None:
        self._tree = None
        self._closing.close()
        self._closing = contextlib.ExitStack()

    def plan(self, path: str) -> Planned:
        """The plan for a file, which may not be on disk yet. Raises KlplintError."""
        if path not in self._plans:
            self._plans[path] = planned = self._planned(Path(path))
            self._configs[path] = self._config_of(path, planned)
        return self._plans[path]

    def _config_of(self, path: str, planned: Planned) -> tuple[Path | None, Signature]:
        """The configuration file in force for a path, and its state."""
        file = planned.config if self._has_fixed_config else find_config(Path(path).parent)
        return file, signature_of(file) if file else GONE

    def _planned(self, path: Path) -> Planned:
        if os.path.lexists(path):
            return self._planner(path)
        if Kernel.around(path.parent) is None:  # its directory may be all that somebody has
            raise TreeError("it is in no kernel tree, and is linted only once it is saved")
        planned = self._planner(path.parent)
        plan, name = planned.plan, path.parent.resolve() / path.name
        sources = msgspec.structs.replace(plan.sources, files=(relative(name, plan.sources.root),))
        plan = msgspec.structs.replace(plan, sources=sources)
        return msgspec.structs.replace(planned, plan=plan)

    def is_on_disk(self, texts: Mapping[str, str]) -> bool:
        """Whether all texts are those of the files."""
        return all(_text_on_disk(path) == text for path, text in texts.items())

    def lint_disk(self, path: str) -> Result:
        """Lint a file or a directory as it is on disk."""
        planned = self._planner(Path(path))
        return _counted(planned, lint(planned.plan, self._progress))

    def lint_text(self, path: str, texts: Mapping[str, str]) -> Outcome:
        """Lint a file with some texts in place."""
        planned = self.plan(path)
        with self._edited(planned, texts) as (tree, inside):
            outcome = tree.run(planned.plan, inside)
        result = _counted(planned, outcome.result)
        return msgspec.structs.replace(outcome, result=result)

    def barriers(
        self, path: str, texts: Mapping[str, str]
    ) -> tuple[tuple[FilePair, ...], PairReader | None]:
        """All barriers of a file with some texts in place, and what read their comments."""
        planned = self.plan(path)
        with self._edited(planned, texts) as (tree, inside):
            return tree.barriers(planned.plan, inside)

    @contextlib.contextmanager
    def _edited(
        self, planned: Planned, texts: Mapping[str, str]
    ) -> Iterator[tuple[EditedTree, dict[str, bytes]]]:
        """The tree for some texts, and those of them that are in it; closed if anything fails."""
        inside = _inside(planned.plan.sources.root, texts)
        try:
            yield self._opened(planned, inside), inside
        except BaseException:
            self._close()  # what it holds may be of two states
            raise

    def _opened(self, planned: Planned, texts: Mapping[str, bytes]) -> EditedTree:
        if self._tree is None or self._tree_key != planned.tree or not self._tree.takes(texts):
            self._close()
            compile_commands = planned.settings.source.compile_commands
            tree = EditedTree(planned.plan, texts, compile_commands, self._progress)
            self._tree = self._closing.enter_context(tree)
            self._tree_key = planned.tree
        return self._tree

    def is_current(self) -> bool:
        """Whether the tree and the configuration are as they were read; if not, all is closed."""
        is_current = all(
            self._config_of(path, planned) == self._configs[path]
            for path, planned in self._plans.items()
        ) and (self._tree is None or self._tree.is_current())
        if not is_current:
            self.forget()
        return is_current


def _counted(planned: Planned, result: Result) -> Result:
    """The findings that count: those that the baseline of the settings does not have."""
    baseline = planned.settings.comparison.baseline
    if baseline is None:
        return result
    compared = Comparison(
        plan=planned.plan, paths=planned.plan.sources.files, baseline=read_baseline(Path(baseline))
    )
    return compared.counted(result, None).result


def _text_on_disk(path: str) -> str | None:
    try:
        return decode_source(Path(path).read_bytes())
    except OSError:
        return None


def _inside(root: Path, texts: Mapping[str, str]) -> dict[str, bytes]:
    """The texts of files below a root that differ from the disk, by their paths from it."""
    inside = {}
    for path, text in texts.items():
        name = Path(os.path.realpath(path))
        if name.is_relative_to(root) and _text_on_disk(path) != text:
            inside[name.relative_to(root).as_posix()] = text.encode()
    return inside

"""The comparison that the settings of a run ask for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from klplint.compare.baseline import read_baseline
from klplint.compare.comparison import Comparison
from klplint.config.settings import ComparisonSettings, SourceSettings
from klplint.engine.plan import Plan


@contextlib.contextmanager
def comparing(
    plan: Plan, paths: Sequence[Path], settings: ComparisonSettings, source: SourceSettings
) -> Iterator[Comparison]:
    """The comparison that `settings` ask for; its shadow tree exists as long as the context.

    Raises PatchError, BaselineError or TreeError where the settings cannot be met.
    """
    root = plan.sources.root
    names = tuple(Path(os.path.relpath(path.resolve(), root)).as_posix() for path in paths)
    baseline = read_baseline(Path(settings.baseline)) if settings.baseline else None
    plain = Comparison(plan=plan, paths=names, baseline=baseline)
    if settings.patch is None and settings.diff_from is None:
        yield plain
        return
    from klplint.compare.changed_tree import comparing_states  # what reads patches loads much

    with comparing_states(plain, paths, settings, source) as comparison:
        yield comparison

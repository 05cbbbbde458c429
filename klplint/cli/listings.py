"""`klplint coverage`, `pairs` and `baseline`: commands that list instead of reporting findings."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import msgspec

from klplint import __version__
from klplint.cli import console
from klplint.cli.notices import (
    print_gaps,
    print_left_out,
    print_rules_left_out,
    print_unreadable,
)
from klplint.cli.output_files import OutputFile, open_outputs
from klplint.cli.plan import plan_run
from klplint.compare.baseline import baseline_text
from klplint.config.choices import LISTING_FORMATS, PAIR_FORMATS, Format
from klplint.config.settings import Settings, expect_one_comparison
from klplint.engine.coverage import cover
from klplint.engine.lint import lint
from klplint.engine.pair_excerpts import with_sides
from klplint.engine.pair_listing import PairList, pair_up
from klplint.engine.plan import Plan
from klplint.errors import KlplintError, UsageError
from klplint.report.base import PLAIN, Appearance
from klplint.report.counts import counted
from klplint.report.formats import expect_available


def write_baseline(paths: Sequence[Path], settings: Settings) -> int:
    """Write the current findings as a baseline, and return the exit status."""
    file = settings.baseline
    if file is None:
        raise UsageError(
            "no file to write to; give one with -o FILE, or set `baseline` in the configuration"
        )
    # This run writes the baseline, and does not read it.
    with _Listing(paths, msgspec.structs.replace(settings, output=file)) as listing:
        with console.progress(settings.display) as progress:
            result = lint(listing.plan, progress)
        print_unreadable(result.unread)
        if result.unreadable:
            console.say(f"{file}: not written because some files could not be read")
            return KlplintError.exit_status
        listing.write(lambda *_: baseline_text(result.findings))
    if not settings.quiet:
        console.say(f"{file}: {counted(len(result.findings), 'finding')} recorded")
    return 0


def list_coverage(paths: Sequence[Path], settings: Settings) -> int:
    """Account for every occurrence, and return the exit status."""
    from klplint.report import coverage  # rich's tables load slowly

    with _Listing(paths, settings, may_lack_tree=False) as listing:
        with console.progress(settings.display) as progress:
            account = cover(listing.plan, progress)
        listing.write(lambda name, appearance: coverage.render(name, account, appearance))
    print_unreadable(account.unreadable)
    incomplete = settings.strict and account.missed()
    if incomplete:
        missed = counted(len(account.missed()), "occurrence")
        console.say(f"{missed} not found in libclang's AST (--strict)")
    return KlplintError.exit_status if account.unreadable or incomplete else 0


def list_pairs(paths: Sequence[Path], settings: Settings) -> int:
    """List every read barrier with its counterparts, and return the exit status."""
    from klplint.report import pairs

    with _Listing(paths, settings, PAIR_FORMATS) as listing:
        with console.progress(settings.display) as progress:
            pair_list = pair_up(listing.plan, progress)
        listing.write(
            lambda name, appearance: (
                _page_of_pairs(pair_list, listing.plan)
                if name == "html"
                else pairs.render(name, pair_list, appearance)
            )
        )
    print_unreadable(pair_list.unreadable)
    if not settings.quiet:
        print_gaps(pair_list.gaps)
    return KlplintError.exit_status if pair_list.unreadable else 0


def list_changed_pairs(paths: Sequence[Path], settings: Settings) -> int:
    """List the pairs that a change touches, before and after it; return the exit status."""
    from klplint.compare.changed_pairs import changed_pairs
    from klplint.compare.comparing import comparing
    from klplint.report import changed_pairs as report

    expect_one_comparison(settings)
    with _Listing(paths, settings) as listing:
        comparison = listing.enter_context(
            comparing(listing.plan, paths, settings.comparison, settings.source)
        )
        if comparison.note and not settings.quiet:
            console.say(comparison.note)
        assert comparison.before is not None
        assert comparison.changes is not None
        with console.progress(settings.display) as progress:
            after = pair_up(comparison.plan, progress)
            before = pair_up(comparison.before, progress)
        changed = changed_pairs(before, after, comparison.changes)
        listing.write(lambda name, appearance: report.render(name, changed, appearance))
    print_unreadable(after.unreadable)
    if not settings.quiet:
        print_gaps(after.gaps)
    return KlplintError.exit_status if after.unreadable else 0


def _page_of_pairs(pair_list: PairList, plan: Plan) -> str:
    from klplint.report import html

    pair_list = with_sides(pair_list, plan.sources.root)
    return html.render_pairs(pair_list, __version__, plan.kernel_version)


def explain_pair(paths: Sequence[Path], settings: Settings, place: str) -> int:
    """Print why the barrier at `place`, FILE:LINE, was read as it was; return the exit status.

    Without PATHs, only its file is read.
    """
    from klplint.report import pair_explanation

    file, _, number = place.rpartition(":")
    if not file or not number.isascii() or not number.isdigit():
        raise UsageError(f'--explain takes FILE:LINE, as in "kernel/fork.c:123", not "{place}"')
    with _Listing(
        paths if any(path != Path() for path in paths) else [Path(file)], settings
    ) as listing:
        with console.progress(settings.display) as progress:
            pair_list = pair_up(listing.plan, progress)
        root = listing.plan.sources.root
        # As the listing writes it, or as the shell does.
        wanted = Path(file).resolve() if Path(file).exists() else (root / file).resolve()
        here = [e for e in pair_list.pairs if (root / e.file).resolve() == wanted]
        meant = [e for e in here if e.pair.barrier.region.line == int(number)]
        if not meant:
            lines = ", ".join(str(entry.pair.barrier.region.line) for entry in here)
            hint = f"; the barriers of this file are on lines {lines}" if here else ""
            raise UsageError(f"{place}: no barrier that the rules watch is on this line{hint}")
        reader = pair_list.reader
        text = "".join(pair_explanation.render(e, reader) for e in meant if reader)
        listing.write(lambda *_: text)
    print_unreadable(pair_list.unreadable)
    return KlplintError.exit_status if pair_list.unreadable else 0


class _Listing(contextlib.ExitStack):
    """The plan of a command that lists, and its output, which is opened before the work begins."""

    def __init__(
        self,
        paths: Sequence[Path],
        settings: Settings,
        formats: Sequence[Format] = LISTING_FORMATS,
        *,
        may_lack_tree: bool = True,
    ) -> None:
        super().__init__()
        self._outputs = settings.outputs.for_listing(formats)
        expect_available(self._outputs.format)
        self.plan = plan_run(paths, settings, may_lack_tree=may_lack_tree)
        self._paths = () if settings.quiet else tuple(paths)
        self._display = settings.display
        self._files: list[tuple[Format, OutputFile]] = []

    def __enter__(self) -> Self:
        super().__enter__()
        self._files = open_outputs(self._outputs, self.plan.sources, self)
        return self

    def write(self, render: Callable[[Format, Appearance], str]) -> None:
        """Write what `render` makes for the format to the output file, or to standard output."""
        for name, file in self._files:
            file.write(render(name, PLAIN))
        if self._outputs.output is None:
            console.write(render(self._outputs.format, console.appearance(self._display)))
        if self._paths:
            print_left_out(self.plan.sources, self._paths)
            print_rules_left_out(self.plan)

"""Coverage as text, for people, and as JSON, for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
from rich import box
from rich.table import Table

from klplint.config.choices import Format
from klplint.engine.coverage import Coverage, Covered
from klplint.printable import encodable, one_line
from klplint.report.base import Appearance
from klplint.report.counts import counted
from klplint.report.rich_text import as_text


class _Occurrence(msgspec.Struct, frozen=True, rename={"kind": "class"}):
    file: str
    line: int
    column: int
    name: str
    kind: str
    how: str
    function: str | None
    variant: str
    reason: str


class _Document(msgspec.Struct, frozen=True):
    """The document's form is a promise: fields may be added, none renamed or dropped."""

    summary: dict[str, int]
    files: int
    parses: int
    occurrences: tuple[_Occurrence, ...]


def render(name: Format, coverage: Coverage, appearance: Appearance) -> str:
    """Coverage in a format for listings: JSON, else text."""
    return _as_json(coverage) if name == "json" else _as_text(coverage, appearance)


def _as_json(coverage: Coverage) -> str:
    document = _Document(
        summary=coverage.classes(),
        files=coverage.files,
        parses=coverage.parses,
        occurrences=tuple(map(_as_object, coverage.occurrences)),
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _as_object(covered: Covered) -> _Occurrence:
    occurrence = covered.occurrence
    return _Occurrence(
        file=encodable(covered.file),
        line=occurrence.region.line,
        column=occurrence.region.column,
        name=occurrence.name,
        kind=occurrence.kind,
        how=occurrence.how,
        function=occurrence.function,
        variant=str(occurrence.parse or ""),
        reason=occurrence.reason,
    )


def _as_text(coverage: Coverage, appearance: Appearance) -> str:
    if not coverage.occurrences:
        return "No occurrences of watched names.\n"
    tables = [
        _by_class(coverage),
        _by_name(coverage),
        _by_directory(coverage),
        _by_variant(coverage),
    ]
    total = (
        f"{counted(len(coverage.occurrences), 'occurrence')} in "
        f"{counted(coverage.files, 'file')} ({counted(coverage.parses, 'parse')})."
    )
    return as_text([*tables, "\n".join([total, *_missed(coverage)])], appearance)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _by_class(coverage: Coverage) -> Table:
    table = _table("By class and method", "class", "AST", "tokens", "text", "all")
    counts = Counter((c.occurrence.kind, c.occurrence.how) for c in coverage.occurrences)
    for kind, total in coverage.classes().items():
        cells = [counts[kind, how] for how in ("ast", "tokens", "text")]  # type: ignore[index]
        table.add_row(kind, *(f"{n:,}" if n else "-" for n in cells), f"{total:,}")
    return table


def _by_name(coverage: Coverage) -> Table:
    table = _table("By name", "name", "calls", "all")
    names = Counter(c.occurrence.name for c in coverage.occurrences)
    calls = Counter(c.occurrence.name for c in coverage.occurrences if c.occurrence.kind == "call")
    for name in sorted(names):
        table.add_row(name, f"{calls[name]:,}", f"{names[name]:,}")
    return table


def _by_directory(coverage: Coverage) -> Table:
    table = _table("By directory", "directory", "files", "calls", "not in AST", "all")
    tops = {c.file: c.file.split("/")[0] if "/" in c.file else "." for c in coverage.occurrences}
    files = Counter(tops.values())
    total = Counter(tops[c.file] for c in coverage.occurrences)
    calls = Counter(tops[c.file] for c in coverage.occurrences if c.occurrence.kind == "call")
    missed = Counter(tops[c.file] for c in coverage.missed())
    for top in sorted(total):
        counts = (files[top], calls[top], missed[top], total[top])
        table.add_row(one_line(top), *(f"{n:,}" if n else "-" for n in counts))
    return table


def _by_variant(coverage: Coverage) -> Table:
    """Which architectures, and how many occurrences took other settings than the usual."""
    table = _table("By architecture", "architecture", "default settings", "other settings")
    usual: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for covered in coverage.occurrences:
        if parse := covered.occurrence.parse:
            (usual if parse.is_usual else other)[parse.architecture] += 1
    for name in sorted(usual | other):
        table.add_row(name, *(f"{n:,}" if n else "-" for n in (usual[name], other[name])))
    return table


def _missed(coverage: Coverage) -> Iterator[str]:
    missed = coverage.missed()
    if not missed and not coverage.unreadable:
        yield "Every call and every reference is in libclang's AST."
        return
    yield ""
    yield "Not in libclang's AST, and classified from tokens:"
    for covered in missed:
        where = f"{one_line(covered.file)}:{covered.occurrence.region.line}"
        yield f"  {where}: {covered.occurrence.name}: {one_line(covered.occurrence.reason)}"
    for problem in coverage.unreadable:
        yield f"  {one_line(problem.file)}: {problem.reason}"

"""Precompiled headers: what most files of a run include, parsed once for all of them.

Nine tenths of the time to parse a kernel file go into its headers. A precompiled header holds
common headers of the tree, and those that many files of a run include. A file that is parsed
behind it is not what its compiler sees, since the headers of other files are there, too. That is
enough to find a use (of a barrier). Where the function around a use is analysed, the file is parsed
behind it only if it includes all these headers itself, and else alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from clang.cindex import Index, TranslationUnit, TranslationUnitLoadError, TranslationUnitSaveError

from klplint.csource.includes import includes_in
from klplint.frontend.parse import MACRO_RECORD, OPTIONS
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.compiler_arguments import SHORT_TRACEPOINTS, precompiled_arguments
from klplint.kernel.existence import is_file
from klplint.kernel.header_wrapper import BARRIER_HEADERS, COMMON_HEADERS

# From this many files of an architecture on, precompiling common headers saves time: a barrier is
# usually seen without them.
_WORTHWHILE = 30
# For files whose functions are analysed, from this many on.
_WORTHWHILE_WHOLE = 2
# Other headers are precompiled only for so many files, if so many of them name one: most files are
# searched without their headers.
_MANY = 500
_OFTEN = 50
# Headers that are made to be included more than once, with other meanings.
_MANIFOLD = ("trace/stages/", "trace/trace_", "trace/perf", "trace/bpf_", "generated/")
_TRACEPOINTS = "trace/"
# Few files with switching functions include these, and one is parsed behind precompiled headers
# only if it includes all of them itself. The last one is such a file.
_SELDOM = ("linux/interrupt.h", "linux/kthread.h", "linux/livepatch.h")
_ALWAYS = tuple(header for header in COMMON_HEADERS if header not in _SELDOM)
_OPTIONS = OPTIONS | TranslationUnit.PARSE_SKIP_FUNCTION_BODIES


def is_worthwhile(files: int, analysed: int) -> bool:
    """Whether to precompile common headers for `files`, and `analysed` ones with their functions.

    If not, `BARRIER_HEADERS` are enough to see most barriers.
    """
    return files >= _WORTHWHILE or analysed >= _WORTHWHILE_WHOLE


class PrecompiledHeader(NamedTuple):
    """A precompiled header, and the name of the compile target that it is for."""

    target: str
    file: Path
    headers: tuple[str, ...] = ()
    """The headers in it, if they are the same for all files."""


def precompile(
    unit: CompileUnit, headers: Sequence[str], file: Path, macros: bool = False
) -> PrecompiledHeader | None:
    """Precompile `headers` for the compile target of a unit, and write them to `file`.

    With `macros`, libclang can report uses of macros behind it. Returns None where libclang fails
    or `file` cannot be written: then each file parses its own headers.
    """
    main = file.with_suffix(".h")
    try:
        parsed = TranslationUnit.from_source(
            os.fsencode(main),
            args=[os.fsencode(argument) for argument in precompiled_arguments(unit)],
            unsaved_files=[(os.fsencode(main), _text(headers))],
            options=_OPTIONS | (MACRO_RECORD if macros else 0),
            index=Index.create(),
        )
        part = file.with_suffix(f".{os.getpid()}")  # another run may write the same
        parsed.save(os.fsencode(part))
        part.replace(file)
    except (TranslationUnitLoadError, TranslationUnitSaveError, OSError):
        return None
    return PrecompiledHeader(unit.target.name, file, common_ones(headers))


def common_ones(headers: Sequence[str]) -> tuple[str, ...]:
    """Some headers if all of them are precompiled for any file; else none."""
    is_common = {*headers} <= {*_ALWAYS} or tuple(headers) == BARRIER_HEADERS
    return tuple(headers) if is_common else ()


def _text(headers: Sequence[str]) -> str:
    """The text to precompile: tracepoint headers come last, cut short."""
    plain = [header for header in headers if not header.startswith(_TRACEPOINTS)]
    traced = [header for header in headers if header.startswith(_TRACEPOINTS)]
    lines = [[f"#include <{header}>\n" for header in part] for part in (plain, traced)]
    return "".join([*lines[0], SHORT_TRACEPOINTS, *lines[1]] if traced else lines[0])


def headers_of(units: Sequence[CompileUnit]) -> list[str]:
    """The headers to precompile for some units of one compile target.

    These are common ones, and for very many units those that many of them name, the most used
    first. Only headers in the tree's include directories count.
    """
    directories = [
        units[0].kernel.root / "include",
        units[0].kernel.root / "arch" / units[0].target.name / "include",
    ]
    many = units if len(units) >= _MANY else ()
    count = Counter(header for unit in many for header in _included(unit.file, set()))
    used = [header for header in count if count[header] >= _OFTEN and header not in _ALWAYS]
    used.sort(key=lambda header: (-count[header], header))
    return [
        header
        for header in (*_ALWAYS, *used)
        if header.endswith(".h")
        and not header.startswith(_MANIFOLD)
        and ".." not in PurePosixPath(header).parts
        and any(is_file(directory / header) for directory in directories)
    ]


def _included(file: Path, seen: set[Path]) -> Iterator[str]:
    """The headers of the include path that a file, or a file beside it that it includes, names."""
    if file in seen:
        return
    seen.add(file)
    try:
        content = file.read_bytes()
    except OSError:
        return
    for include in includes_in(content):
        if not include.is_quoted:
            yield include.name
        elif is_file(beside := file.parent / include.name):
            yield from _included(Path(os.path.normpath(beside)), seen)

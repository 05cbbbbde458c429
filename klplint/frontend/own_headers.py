"""The headers of a file that are not in the tree's include directories, and what they define."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from klplint.csource.includes import includes_in
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileUnit
from klplint.kernel.existence import is_file
from klplint.source_text import to_bytes

_INCLUDE_PATH = ("-isystem", "-iquote", "-idirafter", "-I")


def define_one_of(unit: CompileUnit, names: Collection[str]) -> bool:
    """Whether a file's own headers define a macro with one of `names`, whatever the conditions.

    The file itself does not count.
    """
    words = [to_bytes(name) for name in names]
    defining = re.compile(rb"define[ \t]+(?:" + b"|".join(map(re.escape, words)) + rb")\b")
    return any(
        any(word in content for word in words) and defining.search(content)
        for content in _own_headers(unit)
    )


def _own_headers(unit: CompileUnit) -> Iterator[bytes]:
    """The contents of the headers beside a file and in the directories of its Makefiles.

    That is, of all that it may include, directly or not.
    """
    extra = [path for option, path in options_in(unit.extra, _INCLUDE_PATH) if path]
    waiting, seen = [str(unit.file)], set[str]()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        try:
            content = Path(file).read_bytes()
        except OSError:
            continue
        if len(seen) > 1:
            yield content
        beside = os.path.dirname(file)  # noqa: PTH120 - as text
        for include in includes_in(content):
            for directory in [beside, *extra] if include.is_quoted else extra:
                header = os.path.normpath(os.path.join(directory, include.name))  # noqa: PTH118
                if is_file(header):
                    waiting.append(header)
                    break

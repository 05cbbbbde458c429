"""What a file includes, by its text, in all the ways that C has for it."""

from __future__ import annotations

import pytest

from klplint.csource.includes import Include, includes_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('#include "a.h"\n', Include("a.h", True)),
        ("#include <a/b.h>\n", Include("a/b.h", False)),
        (" # \tinclude_next<a.h>\n", Include("a.h", False)),
        ('#import "a.h"\n', Include("a.h", True)),
        ('#include \\\n "a.h"\n', Include("a.h", True)),
        ('#/* a\n b */include/**/"a.h"\n', Include("a.h", True)),
        ('#\v include "a.h"\n', Include("a.h", True)),
        ('%:include "a.h"\n', Include("a.h", True)),
        ('#if __has_include("a.h")\n', Include("a.h", True)),
        ("#if __has_include_next ( <a.h> )\n", Include("a.h", False)),
        ("#include HEADER(a)\n", Include("", False)),
    ],
)
def test_every_way_to_include(text: str, expected: Include) -> None:
    assert includes_in(text.encode()) == [expected]


def test_other_directives_include_nothing() -> None:
    assert includes_in(b"#define include x\n#if 1\n#included\n#pragma once\nint include;\n") == []


@pytest.mark.parametrize(
    ("name", "leads_out"), [("a.h", False), ("../a.h", True), ("b/../../a.h", True), ("/a.h", True)]
)
def test_what_may_lie_elsewhere(name: str, leads_out: bool) -> None:
    assert Include(name, True).leads_out == leads_out

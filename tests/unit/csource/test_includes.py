"""What a file includes, by its text, in all the ways that C has for it."""

from __future__ import annotations

import pytest

from klplint.csource.includes import Include, begins_with_include, includes_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('#include "a.h"\n', Include("a.h", True)),
        ("#include <a/b.h>\n", Include("a/b.h", False)),
        (" # \tinclude_next<a.h>\n", Include("a.h", False, is_next=True)),
        ('#import "a.h"\n', Include("a.h", True)),
        ('#include \\\n "a.h"\n', Include("a.h", True)),
        ('#/* a\n b */include/**/"a.h"\n', Include("a.h", True)),
        ('#\v include "a.h"\n', Include("a.h", True)),
        ('%:include "a.h"\n', Include("a.h", True)),
        ('#if __has_include("a.h")\n', Include("a.h", True)),
        ("#if __has_include_next ( <a.h> )\n", Include("a.h", False, is_next=True)),
        ("#include HEADER(a)\n", Include("", False)),
        ('#incl\\\nude "a\\\n.h"\n', Include("a.h", True)),
        ("// it's\n#include HEADER\n", Include("", False)),
        ("/*\n*/ /**/ # include HEADER\n", Include("", False)),
        ("\r#include HEADER\r", Include("", False)),
        ("#if 1 && __has_include(HEADER)\n", Include("", False)),
        ('x = "/*";\n#include HEADER // */\n', Include("", False)),
        ("#if X < 1 /* > */\n#include/**/HEADER\n", Include("", False)),
    ],
)
def test_every_way_to_include(text: str, expected: Include) -> None:
    assert includes_in(text.encode()) == [expected]


def test_other_directives_include_nothing() -> None:
    assert includes_in(b"#define include x\n#if 1\n#included\n#pragma once\nint include;\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "/* You may\n * #include this file\n */\n",
        "// do not #include FILES\n",
        "/* it's */ /* __has_include(x) */ int a;\n",
        "/* a comment without an end\n#include HEADER\n",
        "#error Do not #include directly\n",
        "#define A #include HEADER\n",
    ],
)
def test_what_is_not_a_directive_names_nothing(text: str) -> None:
    assert includes_in(text.encode()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#include <a.h>\n", True),
        ('/* a * / */ // b\n\n#define A(x) "/*" x / 2\n# pragma once\n#include <a.h>\n', True),
        ('#ifdef A\n#define B \\\n  1\n#include "a.h"\n', True),
        ("// a \\\n#include <a.h>\n", False),
        ("#define A /\\\n* \n#include <a.h>\n*/\n", False),
        ("int a;\n#include <a.h>\n", False),
        ("#define A /*\n#include <a.h>\n*/\n", False),
        ("/* a */ b /* c */\n#include <a.h>\n", False),
        ("/*\n#include <a.h>\n*/\n", False),
        ("#include HEADER\n", False),
        ("", False),
    ],
)
def test_an_include_at_the_start(text: str, expected: bool) -> None:
    assert begins_with_include(text.encode()) == expected


@pytest.mark.parametrize(
    ("name", "leads_out"), [("a.h", False), ("../a.h", True), ("b/../../a.h", True), ("/a.h", True)]
)
def test_what_may_lie_elsewhere(name: str, leads_out: bool) -> None:
    assert Include(name, True).leads_out == leads_out

"""Definitions, prototypes and comments without a parameter; a compiler reads the result."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from klplint.csource.lexer import Source, Span
from klplint.csource.outline import Outline
from klplint.csource.text_edits import edited
from klplint.signature.definitions import Definitions
from klplint.signature.mentions import mentions, parameter_line
from klplint.signature.parameters import ParameterList
from klplint.signature.request import Request

START = "struct task { int x; };\nextern struct task *current;\n"


def defined(text: str, request: Request) -> str:
    """A text whose definition of f() has lost the parameter; gcc accepts it."""
    source = Source(START + text)
    start = source.text.index("f(")
    name = Span(start, start + 1)
    body = Outline(source).body_behind(name.end)
    assert body is not None
    definitions = Definitions(source, request, lambda _variable, _text: False)
    edits = definitions.definition(name, body)
    after = edited(source.text, edits)
    compiler = shutil.which("gcc")
    if compiler:
        done = subprocess.run(
            [compiler, "-fsyntax-only", "-Wall", "-Werror=implicit", "-x", "c", "-"],
            input=after,
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
    return after.removeprefix(START)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "void f(struct task *t)\n{\n\tt->x = 1;\n}\n",
            "void f(void)\n{\n\tstruct task *t = current;\n\n\tt->x = 1;\n}\n",
        ),
        (
            "void f(struct task *t)\n{\n\tint i = 1;\n\n\tt->x = i;\n}\n",
            "void f(void)\n{\n\tstruct task *t = current;\n\tint i = 1;\n\n\tt->x = i;\n}\n",
        ),
        (
            "int f(struct task *t, int i)\n{\n\treturn t->x + i;\n}\n",
            "int f(int i)\n{\n\tstruct task *t = current;\n\n\treturn t->x + i;\n}\n",
        ),
    ],
)
def test_without_other_callers(before: str, after: str) -> None:
    assert defined(before, Request("f", 0, "current")) == after


def test_a_later_parameter() -> None:
    before = "int f(int i, struct task *t)\n{\n\treturn t->x + i;\n}\n"
    after = "int f(int i)\n{\n\tstruct task *t = current;\n\n\treturn t->x + i;\n}\n"
    assert defined(before, Request("f", 1, "current")) == after


@pytest.mark.parametrize(
    ("local", "before", "after"),
    [
        (
            True,
            "void f(struct task *t)\n{\n\tt->x = 1;\n}\n",
            (
                "static void g(struct task *t)\n{\n\tt->x = 1;\n}\n\n"
                "void f(void)\n{\n\tg(current);\n}\n"
            ),
        ),
        (
            False,
            "int f(struct task *t, int i)\n{\n\treturn t->x + i;\n}\n",
            (
                "int g(struct task *t, int i)\n{\n\treturn t->x + i;\n}\n\n"
                "int f(int i)\n{\n\treturn g(current, i);\n}\n"
            ),
        ),
        (
            True,
            "static int f(struct task *t)\n{\n\treturn t->x;\n}\n",
            (
                "static int g(struct task *t)\n{\n\treturn t->x;\n}\n\n"
                "static int f(void)\n{\n\treturn g(current);\n}\n"
            ),
        ),
    ],
)
def test_with_other_callers(*, local: bool, before: str, after: str) -> None:
    assert defined(before, Request("f", 0, "current", "g", local)) == after


@pytest.mark.parametrize(
    ("call", "number", "shorter"),
    [
        ("f(current)", 0, "f()"),
        ("f(current, 1)", 0, "f(1)"),
        ("f(1, current)", 1, "f(1)"),
        ("f(g(1, 2), current, 3)", 1, "f(g(1, 2), 3)"),
        ("f(\n\tcurrent\n)", 0, "f()"),
    ],
)
def test_calls(call: str, number: int, shorter: str) -> None:
    edit = ParameterList(Source(call), Span(0, 1)).without(number)
    assert edited(call, [edit]) == shorter


@pytest.mark.parametrize(("second", "other"), [("", "f(task)"), ("g", "g(task)")])
def test_prose(second: str, other: str) -> None:
    text = "f(current) and f(task), f() and xf(current)"
    request = Request("f", 0, "current", second)
    assert edited(text, mentions(text, request)) == f"f() and {other}, f() and xf(current)"


def test_a_kernel_doc_comment() -> None:
    comment = "/**\n * f() - do\n * @t:\tthe task\n *\tto do\n * @i:\ta number\n */"
    edit = parameter_line(comment, "t")
    assert edit is not None
    assert edited(comment, [edit]) == "/**\n * f() - do\n * @i:\ta number\n */"
    assert parameter_line(comment, "x") is None

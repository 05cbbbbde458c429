"""The comparison of C expressions: the canonical form of an expression is one itself."""

from __future__ import annotations

from klplint.csource.expressions import canonical, identifier, parse_expression, possible_values
from klplint.source_text import decode_source
from tests.fuzz.harness import Choices, Harness

_LARGEST = 96
_DEEPEST = 4
_ATOMS = ("a", "current", "1", "'c'", '"s"', "f()", "a->b", "a.b", "a[1]", "sizeof(a)")
_UNARY = ("-", "!", "~", "&", "*", "(struct s *)", "(t *)", "sizeof ", "++", "+")
_BINARY = ("+", "-", "*", "/", "%", "<<", ">", "==", "&", "^", "|", "&&", "||", ",")


def check(data: bytes) -> None:
    """Check a written expression, or a text that need not be one."""
    if data[:1] >= b"\x80":
        choices = Choices(data[1:])
        text = _expression(choices, 0)
        assert parse_expression(text) is not None, text
    else:
        text = decode_source(data)
    form = canonical(text)
    values = possible_values(text)
    name = identifier(text)
    assert (form is None) == (values is None), text
    if form is None:
        return
    assert canonical(form) == form, (text, form)
    assert canonical(f"({text})") == form, text
    assert possible_values(form) == values, (text, form, values)
    assert name is None or name == form
    for value in values or ():
        assert possible_values(value) == frozenset({value}), (text, value)


def _expression(choices: Choices, depth: int) -> str:
    """A valid expression, in parentheses where needed."""
    kind = choices.number(7) if depth < _DEEPEST else 0
    if kind == 1:
        return f"{choices.one_of(_UNARY)}({_expression(choices, depth + 1)})"
    if kind in (2, 3):
        left, right = (_expression(choices, depth + 1) for _ in range(2))
        return f"({left}) {choices.one_of(_BINARY)} ({right})"
    if kind == 4:
        one, two, three = (_expression(choices, depth + 1) for _ in range(3))
        return f"({one}) ? ({two}) : ({three})"
    if kind == 5:
        return f"a = {_expression(choices, depth + 1)}"
    if kind == 6:
        return f"f(({_expression(choices, depth + 1)}), {choices.one_of(_ATOMS)})"
    return choices.one_of(_ATOMS)


HARNESS = Harness(
    check=check,
    seeds=lambda: (
        *(b"current", b"(struct task_struct *)current", b"a ? b : c", b"x = y", b"&p->member[3]"),
        *(b"get_current()", b"({ int a; a; })", b"(a) & b", b"*&a", b"f(a, (b, c))", b"-(-1)"),
        *(bytes([0x80, *range(n, n + 40)]) for n in range(20)),
    ),
    words=(
        b"(struct s *)",
        b"current",
        b" ? ",
        b" : ",
        b"->",
        b"__rcu ",
        b"\\\n",
        b"sizeof",
        b"({",
    ),
    largest=_LARGEST,
)

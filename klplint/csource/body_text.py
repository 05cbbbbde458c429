"""A short body of code as statements, by its text alone: that of a macro, or of a small function.

Such a body is not in the parse of the file that uses it. pycparser reads it; with what it cannot
read, there are no statements. Regions in the result only give an order: they number the events.
"""

from __future__ import annotations

import re
from itertools import count

from pycparser import c_ast
from pycparser.c_generator import CGenerator
from pycparser.c_parser import CParser

from klplint.csource.brackets import is_balanced
from klplint.csource.c_parser import UNREADABLE
from klplint.facts.region import Region
from klplint.facts.statements import (
    AddressTaken,
    Assign,
    Block,
    Call,
    Event,
    Function,
    If,
    Jump,
    JumpKind,
    Label,
    Loop,
    LoopKind,
    Simple,
    Statement,
    Store,
)

TRUE, FALSE = "return true", "return false"
"""The names of the calls that stand for the return of a value that is true, or false."""
_DECLARED = re.compile(
    r"(?:^|[;{}])\s*(?:const\s+|static\s+)*([A-Za-z_]\w*)\s+\**\s*[A-Za-z_]\w*\s*[=;,\[]"
)
_WORDS = frozenset({"return", "goto", "else", "struct", "union", "enum", "unsigned", "signed"})
_VALUE = re.compile(r"\(\s*\{(.*)\}\s*\)", re.DOTALL)
_LAST = re.compile(r"(.*[;}]|)\s*([^;{}]+)", re.DOTALL)
_LONGEST = 1000
_ZERO = re.compile(r"\(*\s*(?:0|false|NULL)\s*\)*")


def body_of_macro(name: str, text: str) -> Function | None:
    """What the use of a macro with the body `text` does; its value counts as returned."""
    inside = _VALUE.fullmatch(text.strip())
    last = _LAST.fullmatch(inside[1].rstrip("; ")) if inside else None
    if last:
        return body_of_function(name, f"{{ {last[1]} return {last[2]}; }}")
    return body_of_function(name, f"{{ return {text}; }}") or body_of_function(
        name, f"{{ {text}; }}"
    )


def body_of_function(name: str, text: str) -> Function | None:
    """A function with the body `text`, which is in braces; None if it cannot be read."""
    if len(text) > _LONGEST or not is_balanced(text) or "({" in text.replace(" ", ""):
        return None
    types = sorted({match[1] for match in _DECLARED.finditer(text)} - _WORDS)
    for typedefs in ("", "".join(f"typedef int {type_};" for type_ in types)):
        try:
            unit = CParser().parse(f"{typedefs} void f(void) {text}")
            block = _Reducer().block(unit.ext[-1].body)
        except (*UNREADABLE, RecursionError, AttributeError):
            continue  # AttributeError: a construct that is not a statement or an expression
        return Function(
            name=name, region=block.region, static=True, parameters=(), variables=(), body=block
        )
    return None


_JUMPS: dict[type, JumpKind] = {
    c_ast.Goto: "goto",
    c_ast.Break: "break",
    c_ast.Continue: "continue",
}


class _Reducer:
    """Reduces the statements of one body."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def _here(self) -> Region:
        number = next(self._numbers)
        return Region(number, 1, number, 1)

    def _since(self, start: Region) -> Region:
        return Region(start.line, start.column, next(self._numbers), 1)

    def block(self, *nodes: c_ast.Node) -> Block:
        """Statements as a block."""
        start = self._here()
        statements = [s for node in nodes if node is not None for s in self._statements(node)]
        return Block(tuple(statements), self._since(start))

    def _statements(self, node: c_ast.Node) -> list[Statement]:
        match node:
            case c_ast.Compound():
                return [self.block(*(node.block_items or ()))]
            case c_ast.If() | c_ast.TernaryOp():
                return [self._if(node.cond, node.iftrue, node.iffalse)]
            case c_ast.BinaryOp(op="&&" | "||" as operator):
                arms = (node.right, None) if operator == "&&" else (None, node.right)
                return [self._if(node.left, *arms)]
            case c_ast.While() | c_ast.For():
                return self._loop(node, "while")
            case c_ast.DoWhile():
                return self._loop(node, "do")
            case c_ast.Return():
                return self._returned(node)
            case c_ast.Goto() | c_ast.Break() | c_ast.Continue():
                label = getattr(node, "name", "")
                return [Jump(_JUMPS[type(node)], None, label, self._here())]
            case c_ast.Label():
                return [Label(node.name, self._here()), *self._statements(node.stmt)]
            case c_ast.Switch():
                raise AttributeError("a switch is not followed here")
        return [self._simple(node)]

    def _if(self, condition: c_ast.Node, then: c_ast.Node, otherwise: c_ast.Node) -> If:
        start = self._here()
        tested = self._simple(condition)
        return If(
            condition=tested,
            condition_text=_text(condition),
            then=self.block(then),
            otherwise=self.block(otherwise),
            region=self._since(start),
        )

    def _loop(self, node: c_ast.Node, kind: LoopKind) -> list[Statement]:
        start = self._here()
        before = [self._simple(node.init)] if getattr(node, "init", None) else []
        after = getattr(node, "next", None)
        text = _text(node.cond) if node.cond else "1"
        body = self.block(node.stmt) if kind == "do" else None
        condition = self._simple(node.cond) if node.cond else None
        body = body or self.block(node.stmt)
        loop = Loop(
            kind=kind,
            condition=condition,
            condition_text=text,
            after=self._simple(after) if after else None,
            body=body,
            endless=text in ("1", "true"),
            once=kind == "do" and _ZERO.fullmatch(text) is not None,
            region=self._since(start),
        )
        return [*before, loop]

    def _returned(self, node: c_ast.Return) -> list[Statement]:
        """A return: a branch that shows whether the value is true, and the end of the body."""
        end = Jump("return", None, "", self._here())
        if node.expr is None:
            return [end]
        if isinstance(node.expr, c_ast.TernaryOp):
            arms = map(c_ast.Return, (node.expr.iftrue, node.expr.iffalse))
            return [self._if(node.expr.cond, *arms), end]
        value = self._simple(node.expr)
        true = Simple((Call(TRUE, (), self._here()),), self._here())
        false = Simple((Call(FALSE, (), self._here()),), self._here())
        text = _text(node.expr)
        if _ZERO.fullmatch(text):
            return [false, end]
        if isinstance(node.expr, c_ast.Constant) or text == "true":
            return [true, end]
        shown = If(
            condition=value, condition_text=text, then=true, otherwise=false, region=value.region
        )
        return [shown, end]

    def _simple(self, node: c_ast.Node) -> Simple:
        start = self._here()
        return Simple(tuple(self._events(node)), self._since(start))

    def _events(self, node: c_ast.Node) -> list[Event]:
        """What an expression or a declaration does, operands before operators."""
        events = [event for _, child in node.children() for event in self._events(child)]
        here = self._here()
        match node:
            case c_ast.FuncCall(name=c_ast.ID()):
                arguments = node.args.exprs if node.args else ()
                events.append(Call(node.name.name, tuple(map(_text, arguments)), here))
            case c_ast.Assignment():
                events += self._stored(node, here)
            case c_ast.Decl(init=init) if init is not None:
                events.append(Assign(node.name, _text(init), here))
            case c_ast.UnaryOp(op="&", expr=c_ast.ID()):
                events.append(AddressTaken(node.expr.name, here))
            case c_ast.UnaryOp(op="++" | "--" | "p++" | "p--", expr=c_ast.ID()):
                events.append(Assign(node.expr.name, None, here))
        return events

    def _stored(self, node: c_ast.Assignment, here: Region) -> list[Event]:
        """What an assignment stores in a variable or a member."""
        value = _text(node.rvalue) if node.op == "=" else None
        if isinstance(node.lvalue, c_ast.ID):
            return [Assign(node.lvalue.name, value, here)]
        if isinstance(node.lvalue, c_ast.StructRef):
            return [Store(_text(node.lvalue), node.lvalue.field.name, here, value)]
        return []


def _text(node: c_ast.Node) -> str:
    return str(CGenerator().visit(node))

"""What an expression stands for, by the definitions of the macros and functions in it.

`get_task_struct(current)` gives its argument, `me()` what the function me() returns, and a macro
may be another name for anything. The tree says so: see `Callees`.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.analysis.callees import EVERY_ARCHITECTURE, Callees, CallPlace, shows_calls
from klplint.analysis.local_values import Values
from klplint.csource.brackets import top_level_parts
from klplint.csource.expressions import Call, Cast, Comma, Expression, Name, parse_expression
from klplint.csource.macro_arguments import substituted
from klplint.facts.queries import Definition, Query, TreeFacts
from klplint.kernel.architecture import architecture_of

# A macro for a macro for a function: people do not write longer chains.
_DEEPEST = 8


class Meanings:
    """What the expressions in one file stand for, as far as that is one of `wanted`."""

    def __init__(self, wanted: Values, path: str, tree: TreeFacts) -> None:
        """`wanted` are expressions in canonical form."""
        self._wanted = wanted
        self._path = path
        # Whoever says `always` says it of all architectures.
        self._architecture = architecture_of(path) or EVERY_ARCHITECTURE
        self._callees = Callees(tree, lambda name: name in wanted)

    def of(self, text: str) -> Values:
        """All that an expression may stand for, if each is wanted; else nothing."""
        return self._of_text(text, self._path, 0) or frozenset()

    def queries(self, text: str) -> Iterator[Query]:
        """What has to be answered to know what an expression stands for."""
        expression = parse_expression(text)
        names = {*_names_in(expression)} if expression else set()
        yield from self._callees.queries(names, self._path, self._architecture)

    def _of_text(self, text: str, path: str, depth: int) -> Values | None:
        expression = parse_expression(_last_of_block(text))
        if expression is None or depth > _DEEPEST:
            return None
        try:
            return self._of_expression(expression, path, depth)
        except RecursionError:
            return None

    def _of_expression(self, expression: Expression, path: str, depth: int) -> Values | None:
        text = expression.text
        if text in self._wanted:
            return frozenset({text})
        match expression:
            case Cast() | Comma():
                return self._of_expression(expression.operands[-1], path, depth)
            case Name():
                definitions = self._definitions(expression.name, path)
                plain = [d for d in definitions if d.parameters is None and d.text]
                return self._of_all([self._of_text(d.text, d.path, depth + 1) for d in plain])
            case Call() if expression.name:
                return self._of_call(expression, path, depth)
        return None

    def _definitions(self, name: str, path: str) -> tuple[Definition, ...]:
        """The definitions that a name in a file may mean, also those in assembly.

        In what a macro of another file expands to, arguments have names of the first file.
        """
        for asker in dict.fromkeys((path, self._path)):
            place = CallPlace(name, asker, architecture=self._architecture)
            if definitions := self._callees.definitions(place, _counts):
                return definitions
        return ()

    def _of_call(self, call: Call, path: str, depth: int) -> Values | None:
        """What a call gives, by each `return` of each definition."""
        results: list[Values | None] = []
        for definition in self._definitions(call.name, path):
            if definition.parameters is None:
                return None
            if definition.kind == "macro":
                results.append(self._of_macro(definition, call, depth))
                continue
            given = definition.returns or ("",)
            results += [self._of_result(text, definition, call, path, depth) for text in given]
        return self._of_all(results)

    def _of_macro(self, macro: Definition, call: Call, depth: int) -> Values | None:
        """What a macro makes of the arguments of its use."""
        texts = ((each, each.text) for each in call.operands)
        arguments = tuple(f"({text})" if isinstance(e, Comma) else text for e, text in texts)
        body = "".join(macro.returns)
        body = substituted(body, macro.parameters or (), arguments, macro.rest)
        expanded = _last_of_block(body)
        # Several results are arguments of the call around the use, and not operands of a comma.
        if len(top_level_parts(expanded)) > 1:
            return None
        return self._of_text(expanded, macro.path, depth + 1)

    def _of_result(
        self, text: str, definition: Definition, call: Call, path: str, depth: int
    ) -> Values | None:
        """What one result of a call is: an argument, or what the definition makes of it."""
        expression = parse_expression(_last_of_block(text))
        while isinstance(expression, Cast):
            expression = expression.operands[0]
        parameters = definition.parameters or ()
        if isinstance(expression, Name) and expression.name in parameters:
            place = parameters.index(expression.name)
            passed = call.operands[place : place + 1]
            return self._of_expression(passed[0], path, depth + 1) if passed else None
        return self._of_text(text, definition.path, depth + 1)

    @staticmethod
    def _of_all(results: list[Values | None]) -> Values | None:
        """All results together; None if there are none, or if one is not wanted."""
        wanted = [result for result in results if result]
        return frozenset().union(*wanted) if wanted and len(wanted) == len(results) else None


def _counts(definition: Definition) -> bool:
    """Whether a definition counts: what nobody reads, in assembly, may give anything."""
    return definition.kind == "assembly" or shows_calls(definition)


def _last_of_block(text: str) -> str:
    """The value of a statement expression, `({ ...; value; })`; other text as it is."""
    bare = text.strip()
    if not (bare.startswith("({") and bare.endswith("})")):
        return text
    statements = bare[2:-2].rstrip().removesuffix(";")
    depth, last = 0, 0
    for place, character in enumerate(statements):
        depth += (character in "({") - (character in ")}")
        if character in ";}" and depth == 0:
            last = place + 1
    return statements[last:]


def _names_in(expression: Expression) -> Iterator[str]:
    """The names in an expression that a definition may explain."""
    if isinstance(expression, Name | Call) and expression.name:
        yield expression.name
    for operand in expression.operands:
        yield from _names_in(operand)

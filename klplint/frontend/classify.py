"""What each occurrence of a watched name is: by the AST where a parse shows it, else by tokens."""

from __future__ import annotations

import re

from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use
from klplint.facts.file_facts import Entity, How, Occurrence, OccurrenceClass, Reference
from klplint.frontend.address_uses import how_taken, is_unevaluated
from klplint.frontend.configurations import AstUse, AstUses

_OPENED = re.compile(r"\([\s*&]*$")
# A comment of assembly before a name on its line; the sign differs by architecture.
_ASSEMBLY_COMMENT = re.compile(r"(?:^|\s)[#@!|](?=\s)")
# The words of a type before a declared name; a statement begins with a word that is not a type.
_DECLARING = re.compile(
    r"(?!(?:return|else|do|goto|case|if|while|for|switch)\b)[A-Za-z_][\w\s*()\",]*[\w*),]",
    re.DOTALL,
)
# Outside functions, what follows a name and its parentheses distinguishes it from a call.
_AFTER_DECLARATOR: dict[str, OccurrenceClass] = {
    "{": "definition",
    ";": "declaration",
    ",": "declaration",
}
_PHRASES: dict[Entity, str] = {
    "parameter": "a parameter",
    "variable": "a variable",
    "member": "a member",
    "type": "a type",
    "enumerator": "an enumerator",
    "structure": "a structure",
    "label": "a label",
    "other": "another entity",
}


class Classifier:
    """Classifies the uses in one file, by what the parses showed of them so far."""

    def __init__(
        self, source: Source, outline: Outline, ast_uses: AstUses, is_assembly: bool
    ) -> None:
        self._source = source
        self._outline = outline
        self._ast_uses = ast_uses
        self._is_assembly = is_assembly

    def as_called(self, use: Use) -> Use:
        """A use with its arguments, also if its name is in parentheses: `(*name)(argument)`."""
        if use.arguments is not None:
            return use
        text = self._source.skeleton
        before, behind = text[: use.start].rstrip(), self._source.next_visible(use.end)
        if _OPENED.search(before) and text[behind : behind + 1] == ")":
            called = self._outline.call_at(use.name, use.start, use.end, behind + 1)
            return called if called.arguments is not None else use
        return use

    def occurrence(self, use: Use) -> Occurrence:
        """What a use in code, a directive or assembly is."""
        if self._is_assembly:
            return self._in_assembly(use)
        directive = self._source.directive_at(use.start)
        if directive is not None:
            return self._in_directive(use, directive.keyword)
        in_ast = self._ast_uses.by_offset.get(use.start)
        return self._by_tokens(use) if in_ast is None else self._by_ast(use, in_ast)

    def _in_directive(self, use: Use, keyword: str) -> Occurrence:
        if self._outline.macro_at(use.start) is not None:
            return self.made(use, "macro-body", "tokens")
        return self.made(use, "definition" if keyword == "define" else "directive", "text")

    def _by_ast(self, use: Use, in_ast: AstUse) -> Occurrence:
        meaning = in_ast.meaning
        if meaning.entity != "function":
            return self._another(use, "ast", meaning.function, meaning.entity)
        if meaning.role == "declaration" and not self._is_declared(use):
            # Outside functions, clang takes a call for a declaration.
            return self._outside_functions(use)
        if meaning.role != "use":
            return self.made(use, meaning.role, "ast")
        body = self._outline.body_at(use.start)
        function = meaning.function
        # Without the header of the macro, clang takes the macro's name for the function's.
        if body and (function in (None, body.macro) or body.is_system_call):
            function = body.called
        return self.made(use, self._call_or_reference(use), "ast", function=function)

    def _in_assembly(self, use: Use) -> Occurrence:
        """An occurrence in a .S file: in a comment, or in code that is not followed."""
        line, _ = self._source.position(use.start)
        before = self._source.text[self._source.offset(line, 1) : use.start]
        directive = self._source.directive_at(use.start)
        defines = directive is not None and directive.keyword == "define"
        if _ASSEMBLY_COMMENT.search(before) and not defines:
            return self.made(use, "comment", "text")
        return self.made(use, "assembly", "tokens" if directive is None or defines else "text")

    def _by_tokens(self, use: Use) -> Occurrence:
        """An occurrence that no parse shows."""
        body = self._outline.body_at(use.start)
        if body is None:
            return self._outside_functions(use)
        before = self._source.skeleton[: use.start].rstrip()
        if before.endswith(("->", ".")):
            return self._another(use, "tokens", body.called, "member")
        kind, reason = self._call_or_reference(use), self._why_not_by_ast(use)
        return self.made(use, kind, "tokens", function=body.called, reason=reason)

    def _outside_functions(self, use: Use) -> Occurrence:
        """An occurrence outside functions: a declaration only if it looks like one, else a call."""
        kind = self._call_or_reference(use)
        if use.arguments is not None and self._is_declared(use):
            following = self._source.statements[self._source.next_visible(use.close) :][:1]
            kind = _AFTER_DECLARATOR.get(following, "call")
        return self.made(use, kind, "tokens", reason=self._why_not_by_ast(use))

    def _is_declared(self, use: Use) -> bool:
        """Whether a type stands before a name, and no expression in the parentheses behind it."""
        text = self._source.statements
        start = max(text.rfind(mark, 0, use.start) for mark in ";{}") + 1
        before = _DECLARING.fullmatch(text[start : use.start].strip())
        inside = text[use.end : use.close]
        return before is not None and not re.search(r"->|\w\s*\.\s*\w|[&=!]|\w\s*\(", inside[1:])

    def _why_not_by_ast(self, use: Use) -> str:
        if use.start in self._ast_uses.by_offset:
            return "libclang parses it as a declaration"
        return self._ast_uses.reasons.get(use.start, self._ast_uses.problem)

    def _another(self, use: Use, how: How, function: str | None, entity: Entity) -> Occurrence:
        """An occurrence of the name that means something else than the watched function."""
        reason = f"{_PHRASES[entity]} of this name, not the function"
        return self.made(use, "reference", how, function=function, reason=reason, entity=entity)

    def _is_dead(self, use: Use) -> bool:
        conditions = conditions_at(self._source, use.start)
        return use.start in self._ast_uses.dead or is_dead(conditions)

    def as_kind(self, use: Use, written: Occurrence, kind: OccurrenceClass) -> Occurrence:
        """The use of a macro, itself classified as `written`, for what the macro makes of it."""
        return self.made(
            use,
            kind,
            written.how,
            function=written.function,
            reason=written.reason,
            entity=written.entity,
        )

    def function_made(self, use: Use, called: str) -> str | None:
        """The function that the use of a macro outside of functions defines to call `called`."""
        in_ast = self._ast_uses.by_offset.get(use.start)
        functions = in_ast.view.functions_made_at(use.start, called) if in_ast else []
        return functions[0] if len(functions) == 1 else None

    def made(
        self,
        use: Use,
        kind: OccurrenceClass,
        how: How,
        *,
        function: str | None = None,
        reason: str = "",
        entity: Entity = "function",
    ) -> Occurrence:
        """The occurrence for a use, with its arguments if it is called."""
        called = kind in ("call", "macro-body") and use.arguments is not None
        arguments = use.arguments or () if called else ()
        texts = self._outline.argument_texts(use) if called else ()
        region = self._source.region
        in_ast = self._ast_uses.by_offset.get(use.start)
        return Occurrence(
            name=use.name,
            region=region(use.start, use.end),
            kind=kind,
            how=how,
            entity=entity,
            function=function,
            parse=in_ast.parse if in_ast and how == "ast" else None,
            reason=reason,
            arguments=tuple(" ".join(text.split()) for text in texts),
            argument_regions=tuple(region(a.start, a.end) for a in arguments),
            whole=region(use.start, use.close) if called else None,
            is_dead=how == "tokens" and self._is_dead(use),
            reference=self._reference(use, kind),
        )

    def _reference(self, use: Use, kind: OccurrenceClass) -> Reference | None:
        """Where a name goes that is not called."""
        if kind not in ("reference", "macro-body"):
            return None
        if use.arguments is not None:
            return Reference("unevaluated") if kind == "reference" else None
        macro = self._outline.macro_at(use.start)
        if macro is None:
            return how_taken(self._source.statements, use.start, use.end)
        body = self._source.skeleton[: macro.end]
        return how_taken(body, use.start, use.end, macro.body)

    def _call_or_reference(self, use: Use) -> OccurrenceClass:
        """A call, unless the name has no arguments, or is in the operand of sizeof or typeof."""
        is_call = use.arguments is not None
        if is_call and not is_unevaluated(self._source.statements, use.start):
            return "call"
        return "reference"

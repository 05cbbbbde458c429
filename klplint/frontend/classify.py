"""What each occurrence of a watched name is: by the AST where it was reached, else by tokens."""

from __future__ import annotations

import re

from klplint.csource.if_conditions import conditions_at, is_dead
from klplint.csource.lexer import Source
from klplint.csource.outline import Outline, Use
from klplint.facts.file_facts import How, Occurrence, OccurrenceClass, Reference
from klplint.frontend.address_uses import how_taken
from klplint.frontend.configurations import Reach

_OPENED = re.compile(r"\([\s*&]*$")
# A comment of assembly before a name on its line; the sign differs by architecture.
_ASSEMBLY_COMMENT = re.compile(r"(?:^|\s)[#@!|](?=\s)")
# The words of a type before a declared name; statements begin with words that are none.
_DECLARING = re.compile(
    r"(?!(?:return|else|do|goto|case|if|while|for|switch)\b)[A-Za-z_][\w\s*()\",]*[\w*)]", re.S
)
# What follows a name and its parentheses outside functions tells a declaration from a call.
_ENDS_OF_HEADS: dict[str, OccurrenceClass] = {"{": "definition", ";": "declaration"}


class Classifier:
    """Tells what the uses in one file are, given how far the parses reached."""

    def __init__(self, source: Source, outline: Outline, reach: Reach, is_assembly: bool) -> None:
        self._source = source
        self._outline = outline
        self._reach = reach
        self._is_assembly = is_assembly

    def untangled(self, use: Use) -> Use:
        """A use as it is called: `(name)(argument)` and `(*name)(argument)` are calls too."""
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
            macro = self._outline.macro_at(use.start)
            if macro is not None:
                return self.made(use, "macro-body", "tokens")
            defines_it = directive.keyword == "define"
            return self.made(use, "definition" if defines_it else "directive", "text")
        reached = self._reach.reached.get(use.start)
        if reached is None:
            return self._by_tokens(use)
        meaning = reached.meaning
        if meaning.role == "declaration" and not self._is_declared(use):
            return self._outside_functions(use)  # clang makes a declaration of a lone call
        if meaning.role in ("definition", "declaration"):
            return self.made(
                use, "definition" if meaning.role == "definition" else "declaration", "ast"
            )
        if meaning.role == "other":
            reason = f"{meaning.entity} of this name, not the function"
            return self.made(use, "reference", "ast", meaning.function, reason)
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        return self.made(use, kind, "ast", meaning.function or self._function_around(use))

    def _function_around(self, use: Use) -> str | None:
        body = self._outline.body_at(use.start)
        return body.name if body else None

    def _in_assembly(self, use: Use) -> Occurrence:
        """An occurrence in a .S file: a comment's, or code that nothing here follows."""
        line, _ = self._source.position(use.start)
        before = self._source.text[self._source.offset(line, 1) : use.start]
        directive = self._source.directive_at(use.start)
        defines = directive is not None and directive.keyword == "define"
        if _ASSEMBLY_COMMENT.search(before) and not defines:
            return self.made(use, "comment", "text")
        return self.made(use, "assembly", "tokens" if directive is None or defines else "text")

    def _by_tokens(self, use: Use) -> Occurrence:
        """An occurrence that no parse reached, told by its tokens."""
        body = self._outline.body_at(use.start)
        if body is None:
            return self._outside_functions(use)
        before = self._source.skeleton[: use.start].rstrip()
        if before.endswith(("->", ".")):
            return self.made(
                use, "reference", "tokens", body.name, "a member of this name, not the function"
            )
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        return self.made(use, kind, "tokens", body.name, self._why_unreached(use))

    def _outside_functions(self, use: Use) -> Occurrence:
        """An occurrence in no function's body: declared only if it looks so, else called."""
        kind: OccurrenceClass = "reference" if use.arguments is None else "call"
        if use.arguments is not None and self._is_declared(use):
            following = self._source.statements[self._source.next_visible(use.close) :][:1]
            kind = _ENDS_OF_HEADS.get(following, "call")
        return self.made(use, kind, "tokens", None, self._why_unreached(use))

    def _is_declared(self, use: Use) -> bool:
        """Whether a type stands before a name, and no expression in the parentheses behind it."""
        text = self._source.statements
        start = max(text.rfind(mark, 0, use.start) for mark in ";{}") + 1
        before = _DECLARING.fullmatch(text[start : use.start].strip())
        inside = text[use.end : use.close]
        return before is not None and not re.search(r"->|\w\s*\.\s*\w|[&=!]|\w\s*\(", inside[1:])

    def _why_unreached(self, use: Use) -> str:
        if use.start in self._reach.reached:
            return "libclang parses it as a declaration"
        return self._reach.reasons.get(use.start, self._reach.problem)

    def _is_dead(self, use: Use) -> bool:
        conditions = conditions_at(self._source, use.start)
        return use.start in self._reach.dead or is_dead(conditions)

    def made(
        self,
        use: Use,
        kind: OccurrenceClass,
        how: How,
        function: str | None = None,
        reason: str = "",
    ) -> Occurrence:
        """The occurrence that a use makes, with its arguments if it is called."""
        called = kind in ("call", "macro-body") and use.arguments is not None
        arguments = use.arguments or () if called else ()
        code, region = self._source.code, self._source.region
        reached = self._reach.reached.get(use.start)
        return Occurrence(
            name=use.name,
            region=region(use.start, use.end),
            kind=kind,
            how=how,
            function=function,
            variant=reached.variant if reached and how == "ast" else "",
            reason=reason,
            arguments=tuple(" ".join(code[a.start : a.end].split()) for a in arguments),
            argument_regions=tuple(region(a.start, a.end) for a in arguments),
            whole=region(use.start, use.close) if called else None,
            is_dead=how == "tokens" and self._is_dead(use),
            reference=self._reference(use, kind),
        )

    def _reference(self, use: Use, kind: OccurrenceClass) -> Reference | None:
        """Where a name goes that is not called."""
        if use.arguments is not None or kind not in ("reference", "macro-body"):
            return None
        macro = self._outline.macro_at(use.start)
        if macro is None:
            return how_taken(self._source.statements, use.start, use.end)
        body = self._source.skeleton[: macro.end]
        return how_taken(body, use.start, use.end, macro.body)

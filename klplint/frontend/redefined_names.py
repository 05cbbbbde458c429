"""Names that a file gives another meaning than the kernel's headers: `#undef current`.

Nearly no file does. So libclang is asked which files are included, and only where one outside of
the kernel's include directories defines or undefines such a name, it is asked for the macros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from clang.cindex import Cursor, CursorKind

from klplint.csource.outline import Outline, Use, places_of
from klplint.facts.file_facts import Redefinition
from klplint.frontend.parse import ParseError, TranslationUnitView
from klplint.kernel.compile_unit import CompileUnit
from klplint.source_text import source_or_nothing, to_bytes, to_text

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")


class RedefinedNames:
    """The names among some that have another meaning in a file; each parse is asked once."""

    def __init__(self, names: frozenset[str], unit: CompileUnit) -> None:
        """The headers of the unit's kernel give `names` their usual meanings."""
        self._names = names
        root = unit.kernel.root
        output = unit.kernel.output
        self._usual = (root / "include", root / "arch", output, *unit.target.overlay)
        words = "|".join(map(re.escape, sorted(names))) or r"(?!)"
        self._redefining = re.compile(
            rf"^[ \t]*#[ \t]*(?:define|undef)[ \t]+(?:{words})\b"
            rf"|^[A-Za-z_][\w \t*]*\b(?:{words})[ \t]*\(",
            re.MULTILINE,
        )
        self._recorded: dict[int, TranslationUnitView | None] = {}

    def in_arguments(self, use: Use, view: TranslationUnitView) -> Iterator[Redefinition]:
        """The names in the arguments of a call that have another meaning there."""
        for argument in use.arguments or ():
            text = view.source.skeleton[argument.start : argument.end]
            for offset, name in sorted(places_of(self._names, text)):
                meaning = self._meaning(name, argument.start + offset, view)
                if meaning is not None:
                    yield Redefinition(name, meaning)

    def by_tokens(self, use: Use, outline: Outline) -> Iterator[Redefinition]:
        """The same for a call that no parse shows: what the last directive before it says."""
        before = [d for d in outline.source.directives if d.start < use.start]
        for argument in use.arguments or ():
            text = outline.source.skeleton[argument.start : argument.end]
            for name in sorted({name for _, name in places_of(self._names, text)}):
                for directive in reversed(before):
                    defining = re.match(rf"{name}\b", directive.rest)
                    if directive.keyword in ("define", "undef") and defining:
                        body = directive.rest[defining.end() :]
                        yield Redefinition(name, " ".join(_CONTINUED.sub(" ", body).split()))
                        break

    def _meaning(self, name: str, offset: int, view: TranslationUnitView) -> str | None:
        """What a name stands for instead; None where it has its usual meaning."""
        recorded = self._with_macros(view)
        if recorded is None:
            return None
        cursor = recorded.cursor_at(offset)
        if cursor.kind == CursorKind.MACRO_INSTANTIATION and cursor.spelling == name:
            return self._body(cursor.referenced, name)
        target = cursor.referenced
        if target is None or target.kind != CursorKind.FUNCTION_DECL or self._is_usual(target):
            return None
        return ""

    def _with_macros(self, view: TranslationUnitView) -> TranslationUnitView | None:
        """The same parse with its macros; None where all names have their usual meanings."""
        if id(view) not in self._recorded:
            self._recorded[id(view)] = None
            if any(map(self._is_redefining, self._texts(view))):
                try:
                    again = TranslationUnitView(view.source, view.parsed._replace(macros=True))
                except ParseError:
                    return None
                self._recorded[id(view)] = again
        return self._recorded[id(view)]

    def _texts(self, view: TranslationUnitView) -> Iterable[str]:
        """The file, and what it includes from elsewhere than the kernel's include directories."""
        yield view.source.text
        included = {str(each.include.name) for each in view.translation_unit.get_includes()}
        for name in sorted(included):
            if not self._is_usual_place(name):
                yield source_or_nothing(Path(name))

    def _is_redefining(self, text: str) -> bool:
        return self._redefining.search(text) is not None

    def _is_usual_place(self, name: str) -> bool:
        return any(Path(name).is_relative_to(directory) for directory in self._usual)

    def _is_usual(self, definition: Cursor) -> bool:
        file = definition.location.file
        return file is not None and self._is_usual_place(str(file.name))

    def _body(self, macro: Cursor | None, name: str) -> str | None:
        """The body of a macro; None for one of the kernel's headers."""
        if macro is None or macro.location.file is None or self._is_usual(macro):
            return None
        content = to_bytes(source_or_nothing(Path(str(macro.location.file.name))))
        written = to_text(content[macro.extent.start.offset : macro.extent.end.offset])
        return " ".join(_CONTINUED.sub(" ", written.removeprefix(name)).split())

"""The calls of watched functions that macros make, where the macros are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from klplint.csource.outline import Outline, Use, names_in_words
from klplint.facts.file_facts import Occurrence, Reference
from klplint.facts.watch import Watch
from klplint.frontend.address_uses import how_taken
from klplint.frontend.classify import Classifier
from klplint.frontend.macro_expansion import (
    Expansion,
    Taken,
    aliased,
    called_by_macro,
    expanded,
    in_force,
)
from klplint.frontend.macro_table import MacroTable


class MacroCalls:
    """Finds the calls that the uses of macros in a file make."""

    def __init__(
        self,
        classifier: Classifier,
        outline: Outline,
        watch: Watch,
        path: str,
        further: frozenset[str],
    ) -> None:
        """`watch` has the macros that the file at `path` may use.

        It is only of the functions `further` that addresses which macros take are looked for.
        """
        self._classifier = classifier
        self._outline = outline
        self._source = outline.source
        self._watch = watch
        self._macros = MacroTable(watch, outline, path)
        self._path = path
        self._further = further
        self._is_assembly = path.endswith(".S")

    def of_use(self, use: Use) -> Iterator[Occurrence]:
        """The calls of watched functions that the use of a macro makes, in code.

        A macro that is only another name for a function takes its address where it is not called,
        and so does one whose body names it. Assembly is not followed, whatever the macro would do
        there.
        """
        if self._source.directive_at(use.start) is not None:
            return
        written = self._classifier.occurrence(use)
        arguments = None if use.arguments is None else self._outline.argument_texts(use)
        concerned = self._macros.concerning(use, arguments)
        macros = in_force(concerned, self._outline, self._path, use)
        watch = msgspec.structs.replace(self._watch, macros=macros)
        aliases = sorted(aliased(use.name, watch)) if arguments is None else []
        expansions, taken = _sorted_out(expanded(use.name, arguments, watch))
        if self._is_assembly:
            names = {*aliases, *(expansion.name for expansion in expansions)}
            for name in sorted(names) if written.kind == "assembly" else ():  # not in a comment
                yield msgspec.structs.replace(written, name=name, via=use.name)
            return
        reference = self._classifier.as_kind(use, written, "reference")
        for name in aliases:
            yield msgspec.structs.replace(reference, name=name, via=use.name)
        in_arguments = set[str]().union(*map(names_in_words, arguments or ()))
        for each in taken:
            if each.name in self._further - in_arguments:
                goes = each.reference or how_taken(self._source.statements, use.start, use.close)
                yield msgspec.structs.replace(
                    reference, name=each.name, via=use.name, reference=goes
                )
        call = self._classifier.as_kind(use, written, "call")
        for expansion in expansions:
            # The arguments of the call are those of the use if the macro keeps their number.
            same = len(expansion.arguments) == len(call.argument_regions)
            yield msgspec.structs.replace(
                self._in_function(use, call, expansion.name),
                name=expansion.name,
                arguments=_as_one_line(expansion.arguments),
                argument_regions=call.argument_regions if same else (),
                via=use.name,
            )

    def _in_function(self, use: Use, call: Occurrence, called: str) -> Occurrence:
        """The call of `called` that a use makes, in the function that the macro defines for it."""
        if call.function is not None or call.how != "ast":
            return call
        function = self._classifier.function_made(use, called)
        reason = f"the macro {use.name} defines the function, and is not followed"
        return msgspec.structs.replace(call, function=function, reason=reason)

    def with_passed_calls(
        self, classified: list[tuple[Use, Occurrence]]
    ) -> tuple[list[tuple[Use, Occurrence]], list[tuple[Use, Occurrence]]]:
        """Occurrences, and the calls that macros make of those that they get as arguments."""
        occurrences, calls = list[tuple[Use, Occurrence]](), list[tuple[Use, Occurrence]]()
        for use, occurrence in classified:
            reference = occurrence.reference
            is_argument = reference is not None and reference.kind == "argument"
            passed = None
            if is_argument and occurrence.kind == "reference" and occurrence.entity == "function":
                passed = called_by_macro(use, self._outline, self._path, self._watch)
            if passed and passed[1]:
                outer, expansions = passed
                call = self._classifier.as_kind(use, occurrence, "call")
                region = self._source.region(outer.start, outer.end)
                call = msgspec.structs.replace(call, region=region, via=outer.name)
                calls += [(use, _with_arguments(call, expansion)) for expansion in expansions]
                called = Reference("called", outer.name)
                occurrences.append((use, msgspec.structs.replace(occurrence, reference=called)))
            else:
                occurrences.append((use, occurrence))
        return occurrences, calls


def _sorted_out(made: Iterable[Expansion | Taken]) -> tuple[list[Expansion], list[Taken]]:
    """The calls that an expansion makes, and the addresses that it takes, each once."""
    once = list(dict.fromkeys(made))
    return (
        [each for each in once if isinstance(each, Expansion)],
        [each for each in once if isinstance(each, Taken)],
    )


def _with_arguments(call: Occurrence, expansion: Expansion) -> Occurrence:
    return msgspec.structs.replace(call, arguments=_as_one_line(expansion.arguments))


def _as_one_line(arguments: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(argument.split()) for argument in arguments)

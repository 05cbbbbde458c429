"""The variables of `struct klp_patch` and the tables of states of a file, as facts."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.csource.initialiser_items import Item
from klplint.csource.livepatch_arrays import ArrayReader
from klplint.csource.livepatch_tables import name_of, number_of
from klplint.facts.livepatch_modules import LITERAL, Member, Patch, State, StateTable


class PatchReader(ArrayReader):
    """Reads the patches and states of a file."""

    def states(self) -> tuple[StateTable, ...]:
        """The tables of states."""
        return tuple(
            StateTable(
                name=declaration.name.text,
                region=self._region(declaration.name),
                states=tuple(map(self._state, array.elements)),
                is_terminated=array.is_terminated,
                ignored=self._region(array.ignored) if array.ignored else None,
            )
            for declaration in self._declarations.all
            if declaration.structure == "klp_state" and (array := self._array(declaration))
        )

    def patches(self) -> Iterator[Patch]:
        """The variables of `struct klp_patch`."""
        for declaration in self._declarations.all:
            if declaration.structure != "klp_patch" or declaration.is_pointer:
                continue
            name, value = declaration.name, declaration.value
            members = self._members(value, "klp_patch") if value and value.items else {}
            is_plain = (
                not declaration.problem and members is not None and not declaration.dimensions
            )
            if value is not None and value.items is None:
                is_plain = False
            yield Patch(
                name=name.text,
                region=self._region(name),
                members=(
                    *(self._member(key, item) for key, item in (members or {}).items()),
                    *self._assigned(name.text),
                ),
                is_plain=is_plain,
            )

    def _member(self, name: str, item: Item) -> Member:
        value = "" if item.items is not None else item.text
        if name == "objs":
            value = name_of(item) or (LITERAL if item.items is not None else value)
        return Member(name, value, self._region(item), self._is_conditional(item.start))

    def _assigned(self, variable: str) -> Iterator[Member]:
        """The members of a variable that statements set."""
        tokens = self._declarations.tokens
        for place in range(len(tokens) - 4):
            texts = [token.text for token in tokens[place : place + 4]]
            if [texts[0], texts[1], texts[3]] == [variable, ".", "="]:
                here = tokens[place]
                value = tokens[place + 4].text
                yield Member(texts[2], value, self._region(here), is_conditional=True)

    def _state(self, element: Item) -> State:
        members = self._members(element, "klp_state") or {}
        item = members.get("id")
        written = self._text_before_macros(item) if item else "0"
        return State(
            number_of(item.text) if item else 0,
            written,
            self._region(item or element),
            self._is_in_if(element.start),
        )

    def _text_before_macros(self, item: Item) -> str:
        return self._source.code[item.start : item.end]

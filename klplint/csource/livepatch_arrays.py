"""Arrays of the structures of livepatching, from their initialisers: elements, members, ends."""

from __future__ import annotations

from typing import NamedTuple

from klplint.csource.expanded_tokens import Token
from klplint.csource.if_conditions import conditions_at
from klplint.csource.initialiser_items import Item
from klplint.csource.lexer import Source
from klplint.csource.livepatch_tables import Declaration, Declarations, number_of
from klplint.csource.version_conditions import depends_on_more
from klplint.facts.livepatch_modules import Member, Unread
from klplint.facts.region import Region

ORDER = {
    "klp_func": ("old_name", "new_func", "old_sympos"),
    "klp_object": ("name", "funcs", "callbacks"),
    "klp_patch": ("mod", "objs"),
    "klp_state": ("id", "version", "data"),
    "callbacks": ("pre_patch", "post_patch", "pre_unpatch", "post_unpatch"),
}
"""The members that an initialiser sets by position, in all versions of the structures."""


_LONGEST_VALUE = 80  # how much of a value messages show


class Array(NamedTuple):
    """What is read of an array: its elements, and how it ends."""

    elements: tuple[Item, ...]
    is_terminated: bool
    ignored: Item | None


class ArrayReader:
    """Reads arrays, and notes what of them is not plain."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        self._source = source
        self._declarations = declarations
        self.unread: list[Unread] = []
        self.members: list[Member] = []

    def _array(self, declaration: Declaration, value: Item | None = None) -> Array | None:
        """The elements of an array; None where it is not written out."""
        value = value or declaration.value
        name = declaration.name
        if declaration.is_pointer:
            pass  # it points to another table, or to memory of which nothing here says more
        elif declaration.problem:
            self._skip(name, f"{name.text}: {declaration.problem}")
        elif name.text in self._declarations.changed:
            self._skip(name, f"{name.text} is filled or changed at run time")
        elif value is None:
            if declaration.dimensions:
                self._skip(name, f"{name.text} is filled at run time")
        elif value.items is not None:
            return self._elements(value.items, declaration)
        else:
            self._skip(name, f"{name.text} is set to `{self._written(value)}`")
        return None

    def _elements(self, items: tuple[Item, ...], declaration: Declaration) -> Array | None:
        """The elements before the empty one, and how the array ends."""
        name = declaration.name
        if any(each.items is None and each.designators[:1] != () for each in items):
            self._skip(name, f"{name.text}: its elements are set member by member")
            return None
        strange = next((each for each in items if each.items is None), None)
        if strange is not None:
            first = strange.tokens[0].text
            why = f"`{first}` is not defined in this file, or more than once"
            self._skip(strange, why if strange.tokens[0].is_word else "its elements lack braces")
            return None
        elements, ends = list[Item](), [n for n, each in enumerate(items) if each.is_empty]
        elements = list(items[: ends[0]] if ends else items)
        size = number_of(declaration.dimensions[-1]) if declaration.dimensions else None
        is_open = bool(declaration.dimensions) and declaration.dimensions[-1] == ""
        is_full = is_open or (size is not None and size <= len(items))
        later = items[ends[0] + 1 :] if ends else ()
        ignored = next((each for each in later if not each.is_empty), None)
        if ignored is not None and self._is_in_if(items[ends[0]].start):
            ignored = None
        is_array = bool(declaration.dimensions)
        return Array(tuple(elements), bool(ends) or not (is_array and is_full), ignored)

    def _members(self, value: Item, structure: str) -> dict[str, Item] | None:
        """The members that an initialiser sets, by name; None where that is not plain."""
        members: dict[str, Item] = {}
        order, number = ORDER[structure], 0
        for item in value.items or ():
            if item.designators:
                if item.designators[0][0] != ".":
                    return None
                name = ".".join(step.removeprefix(".") for step in item.designators)
                number = order.index(name) + 1 if name in order else len(order)
                self._note(structure, name, item)
            elif number < len(order):
                name, number = order[number], number + 1
            else:
                continue
            members[name] = item
        return members

    def _note(self, structure: str, name: str, item: Item) -> None:
        """Note a member that an initialiser sets by its name."""
        name = f"{structure}.{name.partition('.')[0]}"
        here = self._region(item)
        self.members.append(Member(name, item.text[:80], here, self._is_conditional(item.start)))

    def _is_in_if(self, offset: int) -> bool:
        return bool(conditions_at(self._source, offset))

    def _is_conditional(self, offset: int) -> bool:
        return depends_on_more(map(str, conditions_at(self._source, offset)))

    def _region(self, place: Token | Item) -> Region:
        return self._declarations.region(place)

    def _written(self, item: Item) -> str:
        """A value as the file has it, on one line."""
        return " ".join(self._source.code[item.start : item.end].split())[:_LONGEST_VALUE]

    def _skip(self, place: Token | Item, reason: str) -> None:
        self.unread.append(Unread(self._region(place), reason))

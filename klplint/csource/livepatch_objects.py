"""The elements of a livepatch module's tables, as facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from klplint.csource.if_conditions import conditions_at
from klplint.csource.initialiser_items import Item
from klplint.csource.lexer import Source
from klplint.csource.livepatch_tables import (
    Declaration,
    Declarations,
    name_of,
    number_of,
    text_of,
)
from klplint.csource.version_conditions import depends_on_more
from klplint.facts.livepatch_modules import (
    Callback,
    FunctionTable,
    Member,
    ObjectTable,
    Patch,
    PatchedFunction,
    PatchedObject,
    State,
    StateTable,
    Unread,
)
from klplint.facts.region import Region

_ORDER = {
    "klp_func": ("old_name", "new_func", "old_sympos"),
    "klp_object": ("name", "funcs", "callbacks"),
    "klp_patch": ("mod", "objs"),
    "klp_state": ("id", "version", "data"),
    "callbacks": ("pre_patch", "post_patch", "pre_unpatch", "post_unpatch"),
}
"""The members that an initialiser sets by position, in all versions of the structures."""


class _Array(NamedTuple):
    """What is read of an array: its elements, and how it ends."""

    elements: tuple[Item, ...]
    is_terminated: bool
    ignored: Item | None


class TableReader:
    """Reads the tables of a file."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        self._source = source
        self._declarations = declarations
        self.unread: list[Unread] = []
        self._functions = dict[str, FunctionTable]()
        self._in_objects = set[str]()
        self.members: list[Member] = []

    def read(self) -> tuple[tuple[FunctionTable, ...], tuple[ObjectTable, ...]]:
        """The tables of functions that no object has, and those of objects."""
        declared = self._declarations.all
        for declaration in declared:
            if declaration.structure == "klp_func":
                for table in self._function_tables(declaration):
                    self._functions[table.name] = table
        objects = [
            table
            for declaration in declared
            if declaration.structure == "klp_object"
            for table in self._object_tables(declaration)
        ]
        self.unread += self._declarations.unread
        alone = [t for name, t in self._functions.items() if name not in self._in_objects]
        return tuple(alone), tuple(objects)

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
            value = name_of(item) or ("{" if item.items is not None else value)
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

    def _array(self, declaration: Declaration, value: Item | None = None) -> _Array | None:
        """The elements of an array; None where it is not written out."""
        value = value or declaration.value
        name = declaration.name
        if declaration.problem:
            self._skip(name, f"{name.text}: {declaration.problem}")
        elif name.text in self._declarations.changed:
            self._skip(name, f"{name.text} is filled or changed at run time")
        elif value is None and not declaration.is_pointer:
            if declaration.dimensions:
                self._skip(name, f"{name.text} is filled at run time")
        elif value is not None and value.items is not None:
            return self._elements(value.items, declaration)
        elif value is not None:
            self._skip(name, f"{name.text} is set to `{value.text}`")
        return None

    def _elements(self, items: tuple[Item, ...], declaration: Declaration) -> _Array | None:
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
        if ignored is not None and conditions_at(self._source, items[ends[0]].start):
            ignored = None
        is_array = bool(declaration.dimensions)
        return _Array(tuple(elements), bool(ends) or not (is_array and is_full), ignored)

    def _function_tables(self, declaration: Declaration) -> Iterator[FunctionTable]:
        """The tables that a declaration makes: several for an array of arrays."""
        value = declaration.value
        if len(declaration.dimensions) == 2 and value and value.items and not declaration.problem:
            for number, row in enumerate(value.items):
                if row.items is not None:
                    yield self._table(declaration, row, f"{declaration.name.text}[{number}]")
                else:
                    self._skip(row, f"{declaration.name.text}: one of its tables is not plain")
            return
        array = self._array(declaration)
        if array is not None:
            yield self._functions_of(array, declaration.name.text, self._region(declaration.name))

    def _table(self, declaration: Declaration, row: Item, name: str) -> FunctionTable:
        array = self._elements(row.items or (), declaration)
        region = self._region(row)
        return self._functions_of(array or _Array((), True, None), name, region)

    def _functions_of(self, array: _Array, name: str, region: Region) -> FunctionTable:
        return FunctionTable(
            name=name,
            region=region,
            functions=tuple(f for each in array.elements if (f := self._function(each))),
            is_terminated=array.is_terminated,
            ignored=self._region(array.ignored) if array.ignored else None,
        )

    def _function(self, element: Item) -> PatchedFunction | None:
        members = self._members(element, "klp_func")
        if members is None:
            self._skip(element, "the members of this element are not plain")
            return None
        old, new, place = (members.get(key) for key in _ORDER["klp_func"])
        old_name = text_of(old) if old else None
        if old_name is None:
            written = f"`{old.text}`, which is not a string" if old else "not set here"
            self._skip(old or element, f"the name of the patched function is {written}")
        new_name = name_of(new) if new else ""
        new_name = "" if new_name == "NULL" else new_name
        return PatchedFunction(
            old_name=old_name,
            old_region=self._region(old or element),
            new_name=new_name,
            new_region=self._region(new) if new and new_name else None,
            has_new=new is not None and new.text not in {"NULL", "0"},
            position=number_of(place.text) if place else 0,
            region=self._region(element),
            is_conditional=self._is_conditional(element.start),
        )

    def _object_tables(self, declaration: Declaration) -> Iterator[ObjectTable]:
        array = self._array(declaration)
        value = declaration.value
        if array is None:
            return
        if not declaration.dimensions and value is not None:  # one object, not an array
            array = _Array((value,), True, None)
        yield ObjectTable(
            name=declaration.name.text,
            region=self._region(declaration.name),
            objects=tuple(o for each in array.elements if (o := self._object(each))),
            is_terminated=array.is_terminated,
            ignored=self._region(array.ignored) if array.ignored else None,
        )

    def _object(self, element: Item) -> PatchedObject | None:
        members = self._members(element, "klp_object")
        if members is None:
            self._skip(element, "the members of this element are not plain")
            return None
        name_item, funcs = members.get("name"), members.get("funcs")
        written = text_of(name_item) if name_item else None
        is_kernel = name_item is None or name_item.text in {"NULL", "0"}
        if written is None and not is_kernel and name_item:
            self._skip(name_item, f"the object's name is `{name_item.text}`, which is not a string")
        callbacks = members.get("callbacks")
        hooks = self._members(callbacks, "callbacks") if callbacks and callbacks.items else {}
        hooks = {**(hooks or {}), **{k: v for k, v in members.items() if "." in k}}
        return PatchedObject(
            name="vmlinux" if is_kernel else (written.replace("-", "_") if written else None),
            region=self._region(name_item or element),
            written=written,
            tables=self._tables_of(funcs) if funcs else (),
            callbacks=tuple(
                Callback(hook.rpartition(".")[2], name, self._region(item))
                for hook, item in hooks.items()
                if (name := name_of(item)) and name != "NULL"
            ),
            is_conditional=self._is_conditional(element.start),
        )

    def _tables_of(self, funcs: Item) -> tuple[FunctionTable, ...] | None:
        """The table that an object has; None where it is not in this file."""
        if funcs.items is not None:
            place = funcs.tokens[0]
            declaration = Declaration("klp_func", place, ("",), False, funcs)
            array = self._elements(funcs.items, declaration)
            if array is None:
                return None
            return (self._functions_of(array, "", self._region(funcs.tokens[0])),)
        if funcs.text in {"NULL", "0"}:
            return ()
        name = funcs.text.replace(" ", "").removeprefix("&").removesuffix("[0]")
        for each in (funcs.text.replace(" ", ""), name):
            if each in self._functions:
                self._in_objects.add(each)
                return (self._functions[each],)
        if not any(d.name.text == name.partition("[")[0] for d in self._declarations.all):
            self._skip(funcs, f"the table `{funcs.text}` is not in this file")
        return None

    def _state(self, element: Item) -> State:
        members = self._members(element, "klp_state") or {}
        item = members.get("id")
        written = self._text_before_macros(item) if item else "0"
        return State(number_of(item.text) if item else 0, written, self._region(item or element))

    def _text_before_macros(self, item: Item) -> str:
        return self._source.code[item.start : item.end]

    def _members(self, value: Item, structure: str) -> dict[str, Item] | None:
        """The members that an initialiser sets, by name; None where that is not plain."""
        members: dict[str, Item] = {}
        order, number = _ORDER[structure], 0
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

    def _is_conditional(self, offset: int) -> bool:
        return depends_on_more(map(str, conditions_at(self._source, offset)))

    def _region(self, place: object) -> Region:
        return self._declarations.region(place)  # type: ignore[arg-type]

    def _skip(self, place: object, reason: str) -> None:
        self.unread.append(Unread(self._region(place), reason))

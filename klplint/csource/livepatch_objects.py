"""The tables of functions and objects of a livepatch module, as facts."""

from __future__ import annotations

from collections.abc import Iterator

from klplint.csource.initialiser_items import Item
from klplint.csource.lexer import Source
from klplint.csource.livepatch_arrays import ORDER, Array, ArrayReader
from klplint.csource.livepatch_tables import Declaration, Declarations, name_of, number_of, text_of
from klplint.facts.livepatch_modules import (
    Callback,
    FunctionTable,
    ObjectTable,
    PatchedFunction,
    PatchedObject,
)
from klplint.facts.region import Region


class TableReader(ArrayReader):
    """Reads the tables of a file."""

    def __init__(self, source: Source, declarations: Declarations) -> None:
        super().__init__(source, declarations)
        self._functions = dict[str, FunctionTable]()
        self._in_objects = set[str]()

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
        objects += [table for each in declared for table in self._literal_objects(each)]
        alone = [t for name, t in self._functions.items() if name not in self._in_objects]
        return tuple(alone), tuple(objects)

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
        return self._functions_of(array or Array((), True, None), name, region)

    def _functions_of(self, array: Array, name: str, region: Region) -> FunctionTable:
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
        old, new, place = (members.get(key) for key in ORDER["klp_func"])
        old_name = text_of(old) if old else None
        if old_name is None:
            written = f"`{self._written(old)}`, which is not a string" if old else "not set here"
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
            is_in_if=self._is_in_if(element.start),
        )

    def _object_tables(self, declaration: Declaration) -> Iterator[ObjectTable]:
        value = declaration.value
        is_one = not (declaration.dimensions or declaration.is_pointer or declaration.problem)
        if is_one and value is not None and value.items is not None:
            array: Array | None = Array((value,), True, None)
        else:
            array = self._array(declaration)
        if array is not None:
            yield self._objects_of(array, declaration.name.text, self._region(declaration.name))

    def _literal_objects(self, patch: Declaration) -> Iterator[ObjectTable]:
        """The objects that the initialiser of a patch has as a compound literal."""
        if patch.structure != "klp_patch" or patch.value is None:
            return
        objs = (self._members(patch.value, "klp_patch") or {}).get("objs")
        if objs is not None and objs.items is not None:
            place = objs.tokens[0]
            literal = Declaration("klp_object", place, ("",), False, objs)
            array = self._elements(objs.items, literal)
            if array is not None:
                yield self._objects_of(array, "", self._region(place))

    def _objects_of(self, array: Array, name: str, region: Region) -> ObjectTable:
        return ObjectTable(
            name=name,
            region=region,
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
            self._skip(
                name_item,
                f"the object's name is `{self._written(name_item)}`, which is not a string",
            )
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
            self._skip(funcs, f"the table `{self._written(funcs)}` is not in this file")
        return None

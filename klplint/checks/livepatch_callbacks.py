"""KLP027: do the callbacks, shadow variables and states of a livepatch keep their contracts?

Source: Documentation/livepatch/callbacks.rst, shadow-vars.rst and system-state.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from klplint.checks.livepatch_base import ModuleCheck
from klplint.facts.function_details import BodyCall, FunctionDetails
from klplint.facts.livepatch_modules import Callback, LivepatchModule, PatchedObject
from klplint.facts.queries import TreeFacts
from klplint.findings.finding import Draft, Place
from klplint.modules.prototypes import prototype_of
from klplint.modules.replacements import modules_in
from klplint.modules.shadow_variables import Allocation, allocations, never_freed, of_two_types

_PRE_PATCH, _POST_UNPATCH = "pre_patch", "post_unpatch"
_SLEEPING_FLAGS = re.compile(r"\bGFP_(?:KERNEL|USER|HIGHUSER|NOFS|NOIO)\w*")


class LivepatchCallbacksCheck(ModuleCheck, frozen=True, kw_only=True):
    """Callbacks of a wrong type or without their counterpart, shadow variables and states."""

    sleeping: tuple[str, ...]
    """Functions that may sleep."""
    allocating: tuple[str, ...]
    """Functions that allocate what has to be freed again; their last argument may be flags."""

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each contract that a file breaks."""
        for path, module in modules_in(tree):
            functions = {d.name: d for d in module.definitions}
            for objects in module.objects:
                for patched in objects.objects:
                    yield from self._of_object(path, patched, functions)
            yield from self._of_constructors(path, module, functions)
            yield from _of_identifiers(path, module)
            yield from _of_states(path, module)

    def _of_object(
        self, path: str, patched: PatchedObject, functions: dict[str, FunctionDetails]
    ) -> Iterator[Draft]:
        hooks = {callback.hook: callback for callback in patched.callbacks}
        for callback in patched.callbacks:
            if callback.function in functions:
                yield from _of_type(path, callback, functions[callback.function])
        first = hooks.get(_PRE_PATCH)
        if first is None or _POST_UNPATCH in hooks or first.function not in functions:
            return
        made = next(self._made_by(functions[first.function], functions), None)
        if made is not None:
            message = (
                f"{first.function}() allocates with {made.name}(), and the object has no "
                "post_unpatch callback to free that when the patch is disabled"
            )
            here = Place(path, first.region, "no post_unpatch")
            related = (Place(path, made.region, "allocated here"),)
            yield Draft(place=here, message=message, related=related)

    def _made_by(
        self, function: FunctionDetails, functions: dict[str, FunctionDetails]
    ) -> Iterator[BodyCall]:
        """The allocations of a function and of those of the file that it calls."""
        for each in _reachable(function, functions):
            yield from (call for call in each.calls if call.name in self.allocating)

    def _of_constructors(
        self, path: str, module: LivepatchModule, functions: dict[str, FunctionDetails]
    ) -> Iterator[Draft]:
        """The constructors that may sleep: they run under a spinlock."""
        seen = set[str]()
        for each in allocations(module):
            constructor = functions.get(each.constructor)
            if constructor is None or constructor.name in seen:
                continue
            seen.add(constructor.name)
            for function in _reachable(constructor, functions):
                for call in function.calls:
                    if self._may_sleep(call):
                        yield _sleeping(path, each, function, call)

    def _may_sleep(self, call: BodyCall) -> bool:
        if call.name in self.sleeping:
            return True
        is_allocation = call.name in self.allocating
        return is_allocation and any(map(_SLEEPING_FLAGS.search, call.arguments))


def _reachable(
    function: FunctionDetails, functions: dict[str, FunctionDetails]
) -> Iterator[FunctionDetails]:
    """A function and those of its file that it calls, each once."""
    waiting, seen = [function], {function.name}
    while waiting:
        each = waiting.pop()
        yield each
        for call in each.calls:
            if call.name in functions and call.name not in seen:
                seen.add(call.name)
                waiting.append(functions[call.name])


def _sleeping(path: str, each: Allocation, function: FunctionDetails, call: BodyCall) -> Draft:
    message = (
        f"{call.name}() may sleep in {function.name}(), and {each.constructor}() is a constructor "
        f"of {each.call.name}(), which calls it with a spinlock held; allocate before the call"
    )
    related = (Place(path, each.call.region, "the constructor is called here"),)
    here = Place(path, call.region, "may sleep")
    return Draft(place=here, message=message, function=function.name, related=related)


def _of_type(path: str, callback: Callback, function: FunctionDetails) -> Iterator[Draft]:
    """Whether a callback has the type that its member has."""
    prototype = prototype_of(function.head, function.name)
    if prototype is None:
        return
    wanted = "int" if callback.hook == _PRE_PATCH else "void"
    label, name = "another type", callback.function
    if prototype.result != wanted:
        message = (
            f"{name}() returns {prototype.result}, and a {callback.hook} callback returns {wanted}"
        )
        if callback.hook == _PRE_PATCH:
            message += ": what the kernel takes for its result decides whether the patch is applied"
    elif prototype.parameters != ("struct klp_object *",):
        message = f"{name}() does not take a `struct klp_object *`, as a callback does"
    else:
        return
    related = (Place(path, function.region, "defined here"),)
    yield Draft(place=Place(path, callback.region, label), message=message, related=related)


def _of_identifiers(path: str, module: LivepatchModule) -> Iterator[Draft]:
    """Shadow variables of two types under one identifier, and those that nothing frees."""
    for each, first in of_two_types(module):
        message = (
            f"the shadow identifier {each.call.arguments[1]} is for `{each.type_name}` here, and "
            f"for `{first.type_name}` elsewhere; use one identifier for each type"
        )
        here = Place(path, each.call.region, "another type")
        related = (Place(path, first.call.region, f"`{first.type_name}`"),)
        yield Draft(place=here, message=message, function=each.call.function, related=related)
    if not module.patches:  # another file of the module may free them
        return
    for each in never_freed(module):
        message = (
            f"nothing in this file frees the shadow variables {each.call.arguments[1]}; call "
            "klp_shadow_free() with their object, and klp_shadow_free_all() in post_unpatch"
        )
        here = Place(path, each.call.region, "never freed")
        yield Draft(place=here, message=message, function=each.call.function)


def _of_states(path: str, module: LivepatchModule) -> Iterator[Draft]:
    """States with the identifier 0, which ends the array, and those with that of another."""
    for table in module.states:
        seen: dict[str, Place] = {}
        for state in table.states:
            key = state.written if state.identifier is None else str(state.identifier)
            here = Place(path, state.region, "not valid")
            if state.identifier == 0:
                message = f"the identifier of a state of {table.name} is 0, which ends the array"
                yield Draft(place=here, message=message)
            elif key in seen and not state.is_in_if:
                message = f"{table.name} has two states with the identifier {state.written}"
                yield Draft(place=here, message=message, related=(seen[key],))
            if not state.is_in_if:
                seen.setdefault(key, Place(path, state.region, "the first one"))

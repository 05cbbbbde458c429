"""KLP025: is a livepatch module put together as klp_enable_patch() expects it?

Source: klp_enable_patch(), klp_init_patch(), klp_init_object() and klp_init_func() in
kernel/livepatch/core.c; Documentation/livepatch/livepatch.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from klplint.checks.base import Texts
from klplint.checks.livepatch_base import ModuleCheck
from klplint.facts.livepatch_modules import LivepatchModule, ModuleCall
from klplint.facts.queries import HandedOver, Query, TreeFacts
from klplint.facts.region import Region
from klplint.findings.finding import Draft, NotAnalysed, Place
from klplint.modules.api import Api, misused
from klplint.modules.replacements import modules_in
from klplint.modules.table_faults import table_faults

_ENABLING = "klp_enable_patch"
_INFO = "livepatch"


class MalformedLivepatchCheck(ModuleCheck, frozen=True, kw_only=True):
    """Tables, macros and calls of a module that the kernel refuses, or that it lacks."""

    licences: Texts
    """The licences with which a module may call klp_enable_patch()."""
    api: tuple[Api, ...]
    """What only some versions of the kernel have."""

    def queries(self, tree: TreeFacts) -> Iterator[Query]:
        """Which files have MODULE_INFO(livepatch, ...), if the one with the patch lacks it."""
        if any(_lacks_info(module) for _, module in modules_in(tree)):
            yield HandedOver(_INFO)

    def run(self, tree: TreeFacts) -> Iterator[Draft]:
        """One finding for each fault of a module."""
        for path, module in modules_in(tree):
            for fault in table_faults(module):
                yield _draft(path, fault.region, fault.message, fault.label)
            yield from self._calls(path, module)
            yield from self._api(path, module, tree)
            if _lacks_info(module) and not _is_beside(path, tree):
                yield from _without_info(path, module)

    def unclear(self, tree: TreeFacts) -> Iterator[NotAnalysed]:
        """The calls that enable a patch which is not in the same file."""
        for path, module in modules_in(tree):
            names = {patch.name for patch in module.patches}
            for call in module.calls:
                argument = call.arguments[0].lstrip("& ") if call.arguments else ""
                if call.name == _ENABLING and argument not in names:
                    reason = f"the patch `{argument}` is built at run time, or in another file"
                    yield NotAnalysed(path, call.region.line, reason)

    def _calls(self, path: str, module: LivepatchModule) -> Iterator[Draft]:
        """The faults of calls and of the macros that describe the module."""
        is_patch = any(call.name == _ENABLING for call in module.calls)
        for call in module.calls:
            if call.name == _ENABLING and call.is_statement:
                message = (
                    "the result of klp_enable_patch() is dropped: if it fails, the module stays "
                    "loaded and patches nothing; return the result from the init function"
                )
                yield _draft(path, call.region, message, "result dropped", call.function)
            elif call.name == "MODULE_LICENSE" and is_patch and self._is_foreign(call):
                message = (
                    f"a module with the licence {call.arguments[0]} cannot call "
                    "klp_enable_patch(), which is exported to GPL modules only"
                )
                yield _draft(path, call.region, message, "not a GPL licence")
        yield from _work_in_exit(path, module)

    def _is_foreign(self, call: ModuleCall) -> bool:
        value = call.values[0] if call.values else ""
        is_text = value.startswith('"') and value.endswith('"')
        return is_text and value.strip('"') not in self.licences

    def _api(self, path: str, module: LivepatchModule, tree: TreeFacts) -> Iterator[Draft]:
        for use in misused(module, self.api, tree.version):
            instead = f"; {use.api.instead}" if use.api.instead else ""
            name = use.name if "." in use.name else f"{use.name}()"
            message = f"Linux {tree.version} does not have {name}: {use.api.span}{instead}"
            yield _draft(path, use.region, message, f"not in Linux {tree.version}")


def _draft(
    path: str, region: Region, message: str, label: str, function: str | None = None
) -> Draft:
    return Draft(place=Place(path, region, label), message=message, function=function or None)


def _lacks_info(module: LivepatchModule) -> bool:
    """Whether a file enables a patch, and does not say that it is a livepatch."""
    enables = any(call.name == _ENABLING and call.function for call in module.calls)
    infos = [call.values for call in module.calls if call.name == "MODULE_INFO"]
    return enables and not any(values[:1] == (_INFO,) for values in infos)


def _is_beside(path: str, tree: TreeFacts) -> bool:
    """Whether another file of the directory says that the module is a livepatch."""
    directory = path.rpartition("/")[0]
    return any(
        handed.path.rpartition("/")[0] == directory
        for handed in tree.definitions(HandedOver(_INFO))
    )


def _without_info(path: str, module: LivepatchModule) -> Iterator[Draft]:
    for call in module.calls:
        if call.name == _ENABLING:
            message = (
                'the module has no MODULE_INFO(livepatch, "Y"), so klp_enable_patch() refuses it'
            )
            yield _draft(path, call.region, message, "refused", call.function)
            return


def _work_in_exit(path: str, module: LivepatchModule) -> Iterator[Draft]:
    """Calls in module_exit() of what the patch's callbacks do when it is disabled."""
    exits = {a for c in module.calls if c.name == "module_exit" for a in c.arguments}
    hooks = {
        callback.function: callback.hook
        for objects in module.objects
        for patched in objects.objects
        for callback in patched.callbacks
    }
    for definition in module.definitions:
        if definition.name not in exits:
            continue
        for call in definition.calls:
            if call.name in hooks:
                message = (
                    f"{call.name}() is the {hooks[call.name]} callback, which ran when the patch "
                    "was disabled; the exit function runs later, and calls it once more"
                )
                yield _draft(path, call.region, message, "called twice", definition.name)

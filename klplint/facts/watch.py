"""What a run watches: the names that its rules need to know of. The question that facts answer."""

from __future__ import annotations

from klplint.facts.region import Fact, Region


class MacroDefinition(Fact, frozen=True, kw_only=True):
    """A macro whose body holds a watched name; `parameters` is None for an object-like one."""

    path: str
    name: str
    parameters: tuple[str, ...] | None
    body: str
    region: Region


class Callee(Fact, frozen=True):
    """A function whose calls are followed as those of a watched one are, for it makes one.

    One that is not `shared`, being static in a C file, is known in the file at `path` alone.
    """

    name: str
    path: str
    shared: bool

    def visible_in(self, path: str) -> bool:
        """Whether the file at `path` may mean this function by its name."""
        return self.shared or path == self.path


class Watch(Fact, frozen=True, kw_only=True):
    """The names that a rule needs to know of.

    `functions` are called, and each call is followed through its function's flow; `barriers`
    are read with the comments around them; calls of `context` names are only listed. A file
    that names none of `functions` and `barriers` is not read at all. `macros` are known to
    call one of `functions`: each use of one is such a call. `loads` are those of `barriers`
    that take an argument and give the value that is loaded from there.
    """

    functions: frozenset[str] = frozenset()
    barriers: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
    macros: tuple[MacroDefinition, ...] = ()
    loads: frozenset[str] = frozenset()
    callees: tuple[Callee, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The names that make a file worth reading."""
        return self.functions | self.barriers

    @property
    def macro_names(self) -> frozenset[str]:
        """The names of the macros that call a watched function."""
        return frozenset(macro.name for macro in self.macros)

    def __or__(self, other: Watch) -> Watch:
        return Watch(
            functions=self.functions | other.functions,
            barriers=self.barriers | other.barriers,
            context=self.context | other.context,
            macros=tuple(sorted({*self.macros, *other.macros})),
            loads=self.loads | other.loads,
            callees=tuple(sorted({*self.callees, *other.callees})),
        )

    def followed_in(self, path: str) -> frozenset[str]:
        """The names of further functions whose calls in the file at `path` are followed."""
        return frozenset(c.name for c in self.callees if c.visible_in(path)) - self.names

    def concerning(self, names: frozenset[str]) -> Watch:
        """What a file that holds just these names of it can tell anything about.

        Macros stay as they are, and all with them, if the file uses one: they may use others.
        """
        if names & self.macro_names:
            return self
        return Watch(
            functions=self.functions & names,
            barriers=self.barriers & names,
            context=self.context,
            loads=self.loads & names,
            callees=tuple(callee for callee in self.callees if callee.name in names),
        )

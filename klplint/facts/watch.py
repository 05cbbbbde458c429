"""What a run watches: the names about which its rules need facts."""

from __future__ import annotations

from klplint.facts.region import Fact, Region


class MacroDefinition(Fact, frozen=True, kw_only=True):
    """A macro whose body holds a watched name."""

    path: str
    name: str
    parameters: tuple[str, ...] | None
    """None for an object-like macro."""
    body: str
    region: Region
    rest: str = ""
    """The name of any number of arguments, `__VA_ARGS__` or that of the last parameter; or ""."""


class Callee(Fact, frozen=True):
    """A function that calls a watched one, and whose calls are followed like those of that one."""

    name: str
    path: str
    """The file that defines it."""
    shared: bool
    """Whether other files can call it; False if it is static in a C file."""
    most_files: int = 0
    """Its calls are not followed if more files than this name it; 0 for any number."""

    def visible_in(self, path: str) -> bool:
        """Whether the file at `path` may mean this function by its name."""
        return self.shared or path == self.path


class Watch(Fact, frozen=True, kw_only=True):
    """The names that rules watch.

    A file that names none of the functions, barriers, macros and `modules` is not analysed.
    """

    functions: frozenset[str] = frozenset()
    """Functions whose calls are analysed, each in the flow of the function around it."""
    barriers: frozenset[str] = frozenset()
    """Memory barriers, which are read with the comments around them."""
    context: frozenset[str] = frozenset()
    """Functions and members whose calls, or initialisers, are only listed."""
    macros: tuple[MacroDefinition, ...] = ()
    """Macros that call one of `functions`: each use of one is such a call."""
    values: frozenset[str] = frozenset()
    """Names that a rule compares arguments with: what they mean is looked up at each call."""
    loads: frozenset[str] = frozenset()
    """Those of `barriers` that take an argument, which they load or store."""
    opposite: frozenset[str] = frozenset()
    """Barriers whose comments are read in files that hold one of `barriers`: the writer's side."""
    variables: frozenset[str] = frozenset()
    """Variables whose stores are listed, in files that name one of `functions`."""
    storing: frozenset[str] = frozenset()
    """Functions and macros that store their second argument in the first."""
    callees: tuple[Callee, ...] = ()
    """Functions to follow in addition to `functions`."""
    modules: frozenset[str] = frozenset()
    """Names in files that may be a livepatch module, whose tables are read by their tokens."""

    @property
    def names(self) -> frozenset[str]:
        """The names whose occurrences are listed."""
        return self.functions | self.barriers

    @property
    def searched(self) -> frozenset[str]:
        """The names that make a file worth reading."""
        return self.names | self.modules

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
            values=self.values | other.values,
            loads=self.loads | other.loads,
            opposite=self.opposite | other.opposite,
            variables=self.variables | other.variables,
            storing=self.storing | other.storing,
            callees=tuple(_widest({*self.callees, *other.callees})),
            modules=self.modules | other.modules,
        )

    def followed_in(self, path: str) -> frozenset[str]:
        """The names of further functions whose calls in the file at `path` are followed."""
        return frozenset(c.name for c in self.callees if c.visible_in(path)) - self.names

    def concerning(self, names: frozenset[str]) -> Watch:
        """The part of this that matters for a file with only these names.

        If the file uses a watched macro, all of it matters: macros may use others.
        """
        if names & self.macro_names:
            return self
        return Watch(
            functions=self.functions & names,
            barriers=self.barriers & names,
            context=self.context,
            values=self.values if self.functions & names else frozenset(),
            loads=self.loads & names,
            opposite=self.opposite if self.barriers & names else frozenset(),
            variables=self.variables if self.functions & names else frozenset(),
            storing=self.storing if self.functions & names else frozenset(),
            callees=tuple(callee for callee in self.callees if callee.name in names),
            modules=self.modules & names,
        )


def _widest(callees: set[Callee]) -> list[Callee]:
    """Callees in order, without those that others of them include."""
    shared = {(each.name, each.path) for each in callees if each.shared}
    return sorted(each for each in callees if each.shared or (each.name, each.path) not in shared)

"""The compile targets of a run: which one each file is compiled for, and its precompiled header."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from klplint.cache.directory import PRECOMPILED, STUB_HEADERS
from klplint.cache.keys import key_of
from klplint.csource.if_expressions import Value
from klplint.engine.dependencies import Dependencies, IncludeFlags
from klplint.engine.kept_digests import KeptDigests
from klplint.engine.session import Session
from klplint.facts.watch import Watch
from klplint.frontend.precompiled import PrecompiledHeader, common_ones, headers_of
from klplint.kernel.architecture import Chooser
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileTarget, CompileUnit, build_target
from klplint.kernel.header_wrapper import BARRIER_HEADERS
from klplint.kernel.kconfig import config_macros
from klplint.kernel.makefile import Makefiles
from klplint.source_text import source_or_nothing

# The flags that add a directory to the include path, and those that include a header first.
_INCLUDE_PATH_FLAGS = ("-isystem", "-iquote", "-idirafter", "-I")
_FORCED_HEADER_FLAGS = ("-imacros", "-include")
# Up to this many files share a precompiled header that was made for other files.
_FEW = 10
# The name of a precompiled header has two halves of so many digits: its target, its headers.
_HALF = 16


class CompileTargets:
    """Chooses for each file of a run what it is compiled against."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kernel = session.sources.kernel
        self._chooser = Chooser(self._kernel, session.execution.architecture)
        self._dependencies = session.memo.once(Dependencies, session)
        self._makefiles = Makefiles(session.sources.root)
        self._makefiles_of_kernel = Makefiles(self._kernel.root)
        self._chosen: dict[str, str] = {}
        self._keys: dict[str, bytes] = {}
        self._added: dict[str, tuple[str, ...]] = {}
        self._settings: dict[str, dict[str, Value]] = {}
        self._targets: dict[str, CompileTarget] = {}
        self._precompiled: dict[str, PrecompiledHeader] = {}

    def key(self, name: str, watch: Watch) -> bytes | None:
        """The key of a file's facts: all that they depend on. None: they must not be cached."""
        digest = self._digests.get(name)
        if digest is None:
            digest = self._digest_of(name)
            if digest is None:
                return None
            self._digests.add(name, digest)
        sources, execution = self._session.sources, self._session.execution
        return key_of("facts", name, sources.out_of_tree, execution.parse, digest, watch)

    def read_headers(self, names: Iterable[str]) -> None:
        """Read the headers of the architectures of some files, in all processes.

        It has to be done before these do anything else.
        """
        for architecture in sorted({self.architecture(name) for name in names}):
            self._dependencies.of_stub_headers(architecture)

    def _digest_of(self, name: str) -> bytes | None:
        """The digest of what a file's facts depend on, whatever is watched; None if unknown."""
        sources, architecture = self._session.sources, self.architecture(name)
        file = sources.root / name
        commands = self._commands(file)
        arguments = [*self._extra(name), *(commands or ())]
        flags = IncludeFlags(
            _operands(arguments, _INCLUDE_PATH_FLAGS),
            _operands(arguments, _FORCED_HEADER_FLAGS),
            commands is not None,
        )
        dependencies = self._dependencies.of_file(file, sources.root, architecture, flags)
        if dependencies is None:
            return None
        return key_of("of a file", self._key_of(architecture), dependencies, commands)

    @cached_property
    def _digests(self) -> KeptDigests:
        return KeptDigests(self._session, self._dependencies.files, self._chooser)

    def remember(self) -> None:
        """Cache what the keys were made of."""
        self._dependencies.remember()
        self._digests.remember()

    def asm_headers(self) -> list[tuple[str, str, bool]]:
        """The architectures and asm/ headers by which the targets were chosen: who has which."""
        return self._chooser.asked()

    def were_settled(self, then: int) -> bool:
        """Whether the files that keys depend on had changed long enough before a time; 0: any."""
        return not then or self._dependencies.files.were_settled(then)

    @property
    def keys_hold(self) -> Callable[[], bool]:
        """Says whether the keys are still those of the files as they are then."""
        return self._dependencies.files.are_as_read

    def unit(self, name: str, barriers: frozenset[str]) -> CompileUnit:
        """The compile unit of a file; `barriers` become functions in its stub headers."""
        sources, architecture = self._session.sources, self.architecture(name)
        if architecture not in self._targets:
            stubs = self._dependencies.of_stub_headers(architecture)
            key = key_of("stub headers", self._key_of(architecture), stubs, barriers)
            self._targets[architecture] = self._built(architecture, key.hex(), barriers)
        file = sources.root / name
        return CompileUnit(
            file=file,
            path=name,
            root=sources.root,
            kernel=self._kernel,
            target=self._targets[architecture],
            commands=self._commands(file),
            extra=self._extra(name),
            is_repeated=self._session.execution.is_repeated,
        )

    def _built(self, architecture: str, name: str, barriers: frozenset[str]) -> CompileTarget:
        while True:  # in the cache, then in a temporary directory: that raises CacheError
            directory = self._session.directory / STUB_HEADERS / name
            try:
                return build_target(directory, self._kernel, architecture, barriers)
            except OSError as error:
                self._session.give_up_directory(error)

    def precompiling(
        self, group: Sequence[CompileUnit], macros: bool, common: bool
    ) -> tuple[object, ...] | None:
        """The arguments of `precompile` for units of one compile target; None if there is no need.

        A few units use a header that was precompiled for other files of the target. With `macros`,
        libclang has to report uses of macros behind it; with `common`, it holds common headers.
        """
        name = group[0].target.name
        if name in self._precompiled:
            return None
        directory = self._session.directory / PRECOMPILED
        with contextlib.suppress(OSError):  # each file parses its own headers then
            directory.mkdir(parents=True, exist_ok=True)
        headers = headers_of(group) if common else [*BARRIER_HEADERS]
        shared = self._precompiled_key(group[0].target, macros)
        file = directory / f"{shared}{self._headers_key(name, headers)}.pch"
        kept = {file: headers} if file.is_file() else {}
        if len(group) < _FEW:
            kept |= self._current(sorted(directory.glob(f"{shared}*.pch")), name)
        usable = {each: held for each, held in kept.items() if not common or {*headers} <= {*held}}
        if usable:  # one with more headers is at least as good
            best = max(usable, key=lambda each: (usable[each] != headers, len(usable[each])))
            os.utime(best)
            self.use(PrecompiledHeader(name, best, common_ones(usable[best])))
            return None
        self._session.remember({key_of("headers in", file.name): headers})
        return group[0], headers, file, macros

    def _precompiled_key(self, target: CompileTarget, macros: bool) -> str:
        """What the names of all precompiled headers for a target begin with."""
        place = str(self._kernel.root), str(target.overlay)
        key = key_of("precompiled", place, self._key_of(target.name), macros)
        return key.hex()[:_HALF]

    def _headers_key(self, architecture: str, headers: list[str]) -> str:
        """What the name of a precompiled header ends with: what it holds, and from where."""
        key = key_of(headers, self._dependencies.of_headers(architecture, headers))
        return key.hex()[:_HALF]

    def _current(self, files: Sequence[Path], architecture: str) -> dict[Path, list[str]]:
        """The precompiled headers of which no header has changed, with the headers in them."""
        keys = {file: key_of("headers in", file.name) for file in files}
        headers = self._session.recall(keys.values(), list[str])
        return {
            file: headers[key]
            for file, key in keys.items()
            if key in headers and self._headers_key(architecture, headers[key]) == file.stem[_HALF:]
        }

    def use(self, header: PrecompiledHeader) -> None:
        """Parse files behind a precompiled header from now on."""
        self._precompiled[header.target] = header

    def behind_precompiled(self, unit: CompileUnit) -> CompileUnit:
        """A unit with the precompiled header that it may be parsed behind, if there is one."""
        header = self._precompiled.get(unit.target.name) if unit.commands is None else None
        if header is None:
            return unit
        replace = msgspec.structs.replace
        return replace(unit, precompiled=header.file, precompiled_headers=header.headers)

    def forget(self, name: str) -> None:
        """Choose again for a file that has changed."""
        self._chosen.pop(name, None)
        self._added.pop(name, None)
        self._digests.forget(name)
        self._dependencies.forget(self._session.sources.root / name)

    def architecture(self, name: str) -> str:
        """The architecture that a file is compiled for."""
        if name not in self._chosen:
            sources = self._session.sources
            text = source_or_nothing(sources.root / name)
            inside = self._in_kernel(name) if sources.out_of_tree else name
            self._chosen[name] = self._chooser.choose(inside, text)
        return self._chosen[name]

    def _in_kernel(self, name: str) -> str:
        """The path of a kernel's file from its root, in a run on another project; else ""."""
        return name.removeprefix(f"{self._kernel.root}/") if name.startswith("/") else ""

    def _extra(self, name: str) -> tuple[str, ...]:
        """What Makefiles add to a file's arguments."""
        if name not in self._added:
            architecture = self.architecture(name)
            if architecture not in self._settings:
                self._settings[architecture] = config_macros(architecture, self._kernel)
            is_kernels = self._session.sources.out_of_tree and bool(self._in_kernel(name))
            makefiles = self._makefiles_of_kernel if is_kernels else self._makefiles
            arguments = makefiles.arguments(
                self._session.sources.root / name, self._settings[architecture]
            )
            self._added[name] = tuple(arguments)
        return self._added[name]

    def _key_of(self, architecture: str) -> bytes:
        if architecture not in self._keys:
            self._keys[architecture] = self._dependencies.of_target(architecture)
        return self._keys[architecture]

    def _commands(self, file: Path) -> tuple[str, ...] | None:
        commands = self._session.execution.commands
        return commands.arguments(file) if commands else None


def _operands(arguments: Sequence[str], flags: tuple[str, ...]) -> list[Path]:
    """The paths given to some flags: joined to the flag, or as the next word."""
    return [Path(value) for option, value in options_in(arguments, flags) if option in flags]

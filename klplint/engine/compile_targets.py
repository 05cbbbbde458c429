"""The platforms of a run: which a file is compiled for, each made ready once, with its prefix."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from klplint.cache.directory import PRECOMPILED, STUB_HEADERS
from klplint.cache.keys import key_of
from klplint.csource.if_expressions import Value
from klplint.engine.dependencies import Surroundings
from klplint.engine.session import Session
from klplint.facts.watch import Watch
from klplint.frontend.precompiled import WORTHWHILE, Prefix, headers_of
from klplint.kernel.architecture import Chooser
from klplint.kernel.argument_words import options_in
from klplint.kernel.compile_unit import CompileTarget, CompileUnit, build_target
from klplint.kernel.kconfig import config_macros
from klplint.kernel.makefile import Makefiles
from klplint.source_text import source_or_nothing

# The arguments that add a folder to the include path, and those that include a header before all.
_FOLDERS_OF_HEADERS = ("-isystem", "-iquote", "-idirafter", "-I")
_FORCED_HEADERS = ("-imacros", "-include")
# So few files do with a prefix that was made for others.
_FEW = 10
# Digits of the half of a prefix's name that says for what platform, or for which headers, it is.
_HALF = 16


class Platforms:
    """Chooses for each file of a run what it is compiled against."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kernel = session.sources.kernel
        self._chooser = Chooser(self._kernel, session.execution.architecture)
        self._surroundings = Surroundings(session)
        self._makefiles = Makefiles(session.sources.root)
        self._chosen: dict[str, str] = {}
        self._keys: dict[str, bytes] = {}
        self._added: dict[str, tuple[str, ...]] = {}
        self._settings: dict[str, dict[str, Value]] = {}
        self._platforms: dict[str, CompileTarget] = {}
        self._prefixes: dict[str, Path] = {}

    def key(self, name: str, watch: Watch) -> bytes | None:
        """The key of a file's facts: all that they depend on. None: they must not be cached."""
        sources, architecture = self._session.sources, self.architecture(name)
        file = sources.root / name
        commands = self._commands(file)
        arguments = [*self._extra(name), *(commands or ())]
        surroundings = self._surroundings.of_file(
            file,
            sources.root,
            architecture,
            _operands(arguments, _FOLDERS_OF_HEADERS),
            _operands(arguments, _FORCED_HEADERS),
        )
        if surroundings is None:
            return None
        return key_of(
            "facts",
            name,
            sources.out_of_tree,
            self._session.execution.parse,
            self._key_of(architecture),
            surroundings,
            commands,
            watch,
        )

    def keys_hold(self) -> bool:
        """Whether the keys are still those of the files as they are now."""
        return self._surroundings.are_as_read()

    def unit(self, name: str, barriers: frozenset[str]) -> CompileUnit:
        """A file with what it is compiled against; `barriers` are functions there."""
        sources, architecture = self._session.sources, self.architecture(name)
        if architecture not in self._platforms:
            key = key_of("stub headers", self._key_of(architecture), barriers)
            self._platforms[architecture] = self._built(architecture, key.hex(), barriers)
        file = sources.root / name
        platform = self._platforms[architecture]
        return CompileUnit(
            file=file,
            path=name,
            root=sources.root,
            kernel=self._kernel,
            target=platform,
            commands=self._commands(file),
            extra=self._extra(name),
        )

    def _built(self, architecture: str, name: str, barriers: frozenset[str]) -> CompileTarget:
        while True:  # once in the cache, then elsewhere: that raises CacheError
            folder = self._session.folder / STUB_HEADERS / name
            try:
                return build_target(folder, self._kernel, architecture, barriers)
            except OSError as error:
                self._session.give_up_folder(error)

    def precompiling(self, group: Sequence[CompileUnit], macros: bool) -> tuple[object, ...] | None:
        """The arguments of `build_prefix` for units, all of one platform; None if none is needed.

        For a few units one that was made for others of the platform does as well.
        With `macros`, their uses of macros are asked for, too.
        """
        name = group[0].target.name
        if name in self._prefixes:
            return None
        folder = self._session.folder / PRECOMPILED
        with contextlib.suppress(OSError):  # then each file reads its own headers
            folder.mkdir(parents=True, exist_ok=True)
        overlay, headers = str(group[0].target.overlay), headers_of(group)
        shared = key_of("prefix", overlay, self._key_of(name), macros).hex()[:_HALF]
        file = folder / f"{shared}{key_of(headers).hex()[:_HALF]}.pch"
        others = folder.glob(f"{shared}*.pch") if len(group) < _FEW else ()
        for kept in (file, *sorted(others)):
            if kept.is_file():
                os.utime(kept)
                self.take(Prefix(name, kept))
                return None
        return (group[0], headers, file, macros) if len(group) >= WORTHWHILE else None

    def take(self, prefix: Prefix) -> None:
        """Use a prefix from now on."""
        self._prefixes[prefix.platform] = prefix.file

    def prefix(self, unit: CompileUnit) -> Path | None:
        """The prefix that a file may be parsed behind."""
        return self._prefixes.get(unit.target.name) if unit.commands is None else None

    def architecture(self, name: str) -> str:
        """The architecture that a file is compiled for."""
        if name not in self._chosen:
            sources = self._session.sources
            text = source_or_nothing(sources.root / name)
            self._chosen[name] = self._chooser.choose("" if sources.out_of_tree else name, text)
        return self._chosen[name]

    def _extra(self, name: str) -> tuple[str, ...]:
        """What Makefiles add to a file's arguments."""
        if name not in self._added:
            architecture = self.architecture(name)
            if architecture not in self._settings:
                self._settings[architecture] = config_macros(architecture, self._kernel)
            arguments = self._makefiles.arguments(
                self._session.sources.root / name, self._settings[architecture]
            )
            self._added[name] = tuple(arguments)
        return self._added[name]

    def _key_of(self, architecture: str) -> bytes:
        if architecture not in self._keys:
            self._keys[architecture] = self._surroundings.of_platform(architecture)
        return self._keys[architecture]

    def _commands(self, file: Path) -> tuple[str, ...] | None:
        commands = self._session.execution.commands
        return commands.arguments(file) if commands else None


def _operands(arguments: Sequence[str], flags: tuple[str, ...]) -> list[Path]:
    """The paths that some flags are given, each joined to its flag or behind it."""
    return [Path(value) for option, value in options_in(arguments, flags) if option in flags]

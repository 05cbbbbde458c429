"""Output files: which paths may be one, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from klplint.config.choices import Format
from klplint.config.settings import OutputSettings
from klplint.errors import OutputError
from klplint.kernel.file_listing import SOURCE_SUFFIXES
from klplint.kernel.sources import Sources
from klplint.source_text import to_bytes

# What no output may replace; reports have other names.
_SOURCES = (
    *(f"*{suffix}" for suffix in SOURCE_SUFFIXES),
    *("Makefile*", "Kbuild*", "Kconfig*", ".config", "*.mk", "*.lds*", "*.dts*"),
)


class OutputFile:
    """A file to be written at the end of a run, which is checked to be writable at the start.

    As a context manager it leaves no trace where `write` was never called.
    """

    def __init__(self, path: Path) -> None:
        """Open; OutputError where the path cannot be written."""
        self.path = path
        self._target = path
        self._temporary: Path | None = None  # beside the target, which it replaces
        try:
            if str(path) == "-":
                raise OutputError(
                    "-: not an output file; omit --output to write to standard output"
                )
            if path.is_dir():
                raise OutputError(f"{path}: is a directory; give a file to write to")
            if path.exists() and not path.is_file():
                return  # a device or a pipe is written to, never replaced
            self._target = path.resolve()
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=self._target.parent)
            os.close(handle)
            self._temporary = Path(name)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from None

    def write(self, text: str) -> None:
        """Put the text in place. Raises OutputError where that fails; the old file then stays."""
        data = to_bytes(text)
        try:
            if self._temporary is None:
                self._target.write_bytes(data)
                return
            self._temporary.write_bytes(data)
            self._temporary.chmod(self._mode())
            self._temporary.replace(self._target)
            self._temporary = None
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from None

    def _mode(self) -> int:
        """The permissions of the file that is replaced, or what a new file would get."""
        if self._target.exists():
            return self._target.stat().st_mode & 0o777
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                self._temporary.unlink()


def open_outputs(
    settings: OutputSettings,
    sources: Sources,
    stack: contextlib.ExitStack,
    inputs: Iterable[str] = (),
) -> list[tuple[Format, OutputFile]]:
    """The files to write, each with its format; `stack` closes them.

    Raises OutputError if one path is given twice, is a source of the tree, is one of the `inputs`
    that the run reads, or cannot be written.
    """
    inputs = {os.path.realpath(path) for path in inputs}
    outputs: set[str] = set()
    for _, path in settings.files:
        _expect_not_source(Path(path), sources)
        real = os.path.realpath(path)
        if real in outputs:
            raise OutputError(f"{path}: two outputs would be written to it; give another file")
        outputs.add(real)
        if real in inputs:
            raise OutputError(f"{path}: is read by this run; give another output file")
    return [(name, stack.enter_context(OutputFile(Path(path)))) for name, path in settings.files]


def _expect_not_source(path: Path, sources: Sources) -> None:
    """OutputError for a source file of the tree: one that people write, and that is in git."""
    real = Path(os.path.realpath(path))
    if Path(os.path.relpath(real, sources.root)).as_posix() in frozenset(sources.files):
        raise OutputError(f"{path}: is one of the files to lint; give another output file")
    is_inside = any(real.is_relative_to(root) for root in (sources.root, sources.kernel.root))
    if is_inside and any(map(real.match, _SOURCES)) and real.is_file():
        raise OutputError(f"{path}: is a source file of the tree; give another output file")

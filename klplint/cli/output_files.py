"""Output files: which paths may be one, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from klplint.config.choices import Format
from klplint.config.settings import OutputSettings
from klplint.errors import OutputError
from klplint.kernel.on_disk import SOURCE_SUFFIXES
from klplint.kernel.sources import Sources
from klplint.source_text import to_bytes

# What no output may replace; reports have other names.
_SOURCES = (
    *(f"*{suffix}" for suffix in SOURCE_SUFFIXES),
    *("Makefile*", "Kbuild*", "Kconfig*", ".config", "*.mk", "*.lds*", "*.dts*"),
)
# How file systems say that they have no files without a name; kernels before 3.11, EISDIR.
_NOT_SUPPORTED = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)


class OutputFile:
    """A file to be written at the end of a run, which is checked to be writable at the start.

    As a context manager it leaves no trace where `write` was never called.
    """

    def __init__(self, path: Path) -> None:
        """Open; OutputError where the path cannot be written."""
        self.path = path
        self._target = path
        self._is_replaced = False
        self._unnamed: int | None = None
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
            self._is_replaced = True
            self._unnamed = _unnamed_file(self._target.parent)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from None

    def write(self, text: str) -> None:
        """Put the text in place. Raises OutputError where that fails; the old file then stays."""
        data = to_bytes(text)
        try:
            if self._is_replaced:
                self._replace(data)
            else:
                self._target.write_bytes(data)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from None

    def _replace(self, data: bytes) -> None:
        """Write a new file, and give it the name only then. Raises OSError."""
        handle, self._unnamed, name = self._unnamed, None, None
        if handle is None:
            handle, name = tempfile.mkstemp(prefix=self._prefix, dir=self._target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(handle, self._mode())
                name = name or self._named(handle)
            Path(name).replace(self._target)
        except BaseException:
            if name is not None:
                Path(name).unlink(missing_ok=True)
            raise

    @property
    def _prefix(self) -> str:
        return f".{self.path.name}."

    def _named(self, handle: int) -> str:
        """The path of an open file that had none. Raises OSError."""
        path = self._target.with_name(f"{self._prefix}{secrets.token_hex(4)}")
        # With a directory, os.link() follows the link to the file, as linkat(2) wants it.
        os.link(f"/proc/self/fd/{handle}", path, src_dir_fd=handle)
        return str(path)

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
        if self._unnamed is not None:
            os.close(self._unnamed)


def _unnamed_file(directory: Path) -> int | None:
    """An open file in a directory, without a name: if the run is killed, nothing is left of it.

    None where files can be created, but the file system or /proc has no way to do so.
    Raises OSError where no file can be created.
    """
    try:
        handle = os.open(directory, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
    else:
        if Path(f"/proc/self/fd/{handle}").exists():
            return handle
        os.close(handle)
    with tempfile.NamedTemporaryFile(dir=directory):
        return None


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

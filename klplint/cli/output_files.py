"""Output files that appear whole or not at all: written beside, then renamed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from types import TracebackType

from klplint.errors import UsageError
from klplint.source_text import to_bytes


class OutputFile:
    """A file to be written at the end of a run; that it can be is known at the start.

    As a context manager it leaves no trace where `write` was never reached.
    """

    def __init__(self, path: Path) -> None:
        """Open; UsageError where the path cannot be written."""
        self.path = path
        self._target = path
        self._beside: Path | None = None
        try:
            if str(path) == "-":
                raise UsageError("-: is no file; findings go to standard output without --output")
            if path.is_dir():
                raise UsageError(f"{path}: is a folder; name a file to write to")
            if path.exists() and not path.is_file():
                return  # a device or a pipe is written to, never replaced
            self._target = path.resolve()
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=self._target.parent)
            os.close(handle)
            self._beside = Path(name)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from None

    def write(self, text: str) -> None:
        """Put the text in place; UsageError where that fails, the old file is then untouched."""
        data = to_bytes(text)
        try:
            if self._beside is None:
                self._target.write_bytes(data)
                return
            self._beside.write_bytes(data)
            self._beside.chmod(self._mode())
            self._beside.replace(self._target)
            self._beside = None
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written: {error.strerror}") from None

    def _mode(self) -> int:
        """The permissions of the file that is replaced, or what a new file would get."""
        if self._target.exists():
            return self._target.stat().st_mode & 0o777
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask

    def __enter__(self) -> OutputFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._beside is not None:
            with contextlib.suppress(OSError):
                self._beside.unlink()

"""A command that runs while this process does something else."""

from __future__ import annotations

import errno
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO


class BackgroundCommand:
    """A command that was started; what it prints goes to a file, so it never waits for a reader."""

    def __init__(
        self, words: Sequence[str], directory: Path, environment: Mapping[str, str]
    ) -> None:
        """Start the command in a directory. Where that fails, it has no output.

        Raises OSError where too many files are open.
        """
        self._process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] | None = None
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the command
            self._process = subprocess.Popen(
                words,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._file,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise

    def output(self) -> bytes | None:
        """What the command prints, once it has ended; None where it fails. To be called once."""
        if self._process is None or self._file is None or self._process.wait() != 0:
            return None
        with self._file:
            self._file.seek(0)
            return self._file.read()

    def close(self) -> None:
        """End the command, if it still runs, and drop its output."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._file is not None:
            self._file.close()

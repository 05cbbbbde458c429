"""The start of `klplint` and `python -m klplint`: sets up signals and streams, runs a command."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys

TYPE_CHECKING = False  # importing typing takes time, during which Ctrl-C would print a traceback
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _LossyFile(io.FileIO):
    """A file that drops what cannot be written.

    Where standard error is broken, Python would end with another exit status, either at once or
    when it flushes what it could not write.
    """

    def write(self, data: ReadableBuffer) -> int:
        """Write the data, or drop it and claim that it was written."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def main() -> None:
    """Run the command that the command line names; it ends the process with an exit status."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # There is nothing to clean up yet, and Python would end with a traceback. When a command
        # runs, klplint.cli.groups takes over.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _never_fail_on_standard_error()
    from klplint.cli import commands

    try:
        commands.main(prog_name="klplint")
    finally:
        gc.freeze()  # to collect what a whole tree left takes half a second, for nothing


def _never_fail_on_standard_error() -> None:
    """Let messages that cannot be written change nothing else."""
    if sys.stderr is None:  # closed: print() would take standard output instead
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process
        return
    original = sys.stderr
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_LossyFile(original.fileno(), "wb", closefd=False)),
        encoding=original.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


if __name__ == "__main__":
    main()

"""Where klplint begins, `klplint` or `python -m klplint`: what has to hold before all else."""

from __future__ import annotations

import io
import os
import signal
import sys

TYPE_CHECKING = False  # typing takes its time, and Ctrl-C is not yet dealt with
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Forgiving(io.FileIO):
    """A file on which a failure to write is none, for all that klplint has to say is lost anyway.

    Python would end with another exit status, now or when it flushes what it could not write.
    """

    def write(self, data: ReadableBuffer) -> int:
        """Write, or do as if."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def main() -> None:
    """Run the command that the command line names; it ends the process with an exit status."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Nothing is there yet to be put in order, and Python would end with a traceback. Where a
        # command runs, cli takes over.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _forgive_standard_error()
    from klplint.cli import commands as cli

    cli.main()


def _forgive_standard_error() -> None:
    """Messages that cannot be written, or that nobody asked for, change nothing else."""
    if sys.stderr is None:  # closed: print() would take standard output instead
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of the process
        return
    own = sys.stderr
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Forgiving(own.fileno(), "wb", closefd=False)),
        encoding=own.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


if __name__ == "__main__":
    main()

"""A stream for all output of the program, which writes only printable text."""

import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from toolkit.printable import printable_lines


class PrintableStream(io.TextIOBase):
    """A text stream that escapes control and format characters before it writes to an underlying stream.

    It does not have `buffer` or `fileno`, so click and `input` cannot bypass it. If the program that reads the output
    ends, such as `head`, the remaining output is dropped, because a run that writes to a tenant must not end early.
    Output is also dropped if a disk is full. `failure` then contains the error.
    """

    def __init__(self, stream: TextIO) -> None:
        self.behind = stream
        self._dropped = False
        self.failure: OSError | None = None

    @property
    def reader_is_gone(self) -> bool:
        """Return whether the program that reads this stream has ended, so that output reaches no one."""
        return self._dropped or _is_broken(self.behind)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        return self.behind.encoding

    def write(self, text: str | bytes) -> int:
        if isinstance(text, bytes):  # click writes shell completions as bytes
            if not text:
                raise TypeError("this stream takes text")  # click tests the stream with an empty text
            text = text.decode()
        try:
            self.behind.write(printable_lines(text))
        except OSError as error:
            self._drop_output(error)
        return len(text)

    def flush(self) -> None:
        try:
            self.behind.flush()
        except OSError as error:
            self._drop_output(error)

    def close(self) -> None:
        """Flush the underlying stream, but leave it open for its owner."""
        super().close()

    def _drop_output(self, error: OSError) -> None:
        """Send the rest of the output nowhere, because it cannot be written.

        Otherwise Python would try to write its buffer when the process ends.
        """
        self._dropped = True
        if not isinstance(error, BrokenPipeError):
            self.failure = self.failure or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.behind.fileno())
        os.close(nowhere)

    def isatty(self) -> bool:
        return self.behind.isatty()

    def writable(self) -> bool:
        return True


@contextmanager
def printable_output() -> Iterator[None]:
    """Make standard output and standard error printable streams while the block runs."""
    gates = {name: _printable_stream(getattr(sys, name)) for name in ("stdout", "stderr")}
    for name, gate in gates.items():
        setattr(sys, name, gate)
    try:
        yield
    finally:
        for name, gate in gates.items():
            if gate is not None:
                with suppress(OSError):  # the write itself reported a full disk
                    gate.close()  # or Python closes the gate later, when the stream behind it may be closed
            if gate is not None and getattr(sys, name) is gate:
                setattr(sys, name, gate.behind)


def has_reader_ended() -> bool:
    """Return whether the program that reads standard output has ended, so that output reaches no one."""
    return isinstance(sys.stdout, PrintableStream) and sys.stdout.reader_is_gone


def find_output_failure() -> OSError | None:
    """Return why a part of standard output could not be written, or None if everything was written."""
    if not isinstance(sys.stdout, PrintableStream):
        return None
    sys.stdout.flush()
    return sys.stdout.failure


def _is_broken(stream: TextIO) -> bool:
    """Return whether the program that reads a pipe has closed it.

    On Windows this cannot be found out, so return False.
    """
    if not hasattr(select, "poll"):
        return False
    watch = select.poll()
    try:
        watch.register(stream.fileno(), 0)
    except OSError:  # it is not a file of the operating system
        return False
    return any(event & select.POLLERR for _, event in watch.poll(0))


def underlying_stream(stream: TextIO) -> TextIO:
    """Return the underlying stream of a printable stream.

    Colours and the progress line use it directly, and make their text printable first.
    """
    return stream.behind if isinstance(stream, PrintableStream) else stream


def _printable_stream(stream: TextIO | None) -> PrintableStream | None:
    if stream is None:  # the program was started with this stream closed
        return None
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a character outside the encoding must not end a run
    return PrintableStream(stream)

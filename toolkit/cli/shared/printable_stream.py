"""The gate that all output passes: only printable text leaves the program."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from toolkit.printable import printable_lines


class PrintableStream(io.TextIOBase):
    """A text stream that escapes control and format characters before they reach the stream behind it.

    It has no `buffer` and no `fileno`, so that click and `input` cannot write past it.
    """

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        return self.behind.encoding

    def write(self, text: str) -> int:
        self.behind.write(printable_lines(text))
        return len(text)

    def flush(self) -> None:
        self.behind.flush()

    def isatty(self) -> bool:
        return self.behind.isatty()

    def writable(self) -> bool:
        return True


@contextmanager
def printable_output() -> Iterator[None]:
    """Put standard output and standard error behind the gate while the block lasts."""
    gates = {name: _gate(getattr(sys, name)) for name in ("stdout", "stderr")}
    for name, gate in gates.items():
        setattr(sys, name, gate)
    try:
        yield
    finally:
        for name, gate in gates.items():
            if gate is not None and getattr(sys, name) is gate:
                setattr(sys, name, gate.behind)


def own_stream(stream: TextIO) -> TextIO:
    """Return the stream behind the gate, for colours and the progress line, whose text is made printable first."""
    return stream.behind if isinstance(stream, PrintableStream) else stream


def _gate(stream: TextIO | None) -> PrintableStream | None:
    if stream is None:  # the program was started with this stream closed
        return None
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")  # a character that the encoding lacks ends no run
    return PrintableStream(stream)

"""The groups and units that playbooks call by a name of before, as an admin reads it and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.planning.names import Renamed
from toolkit.render.line import Line, Tone
from toolkit.values import Body


def renamed_lines(renamed: Sequence[Renamed]) -> Iterator[Line]:
    """Say what each is called now, and where to write that."""
    for one in renamed:
        yield Line(f"! {one.what} is called {one.now} now: write the new name in {one.origin}", Tone.WARNING)


def renamed_answer(renamed: Sequence[Renamed]) -> Sequence[Body]:
    """Give the same for programs."""
    return [
        {"provider": one.provider, "name": one.name, "now": one.now, "path": one.origin.path, "line": one.origin.line}
        for one in renamed
    ]

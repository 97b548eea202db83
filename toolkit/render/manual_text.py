"""What controls leave to people, only look at, cannot have, or do not do for all yet."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from toolkit.planning.plan import RealisedControl
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.sdk.part import Level

_WORDS = {
    Level.MANUAL: "left to people",
    Level.CHECKED: "only looked at",
    Level.UNAVAILABLE: "not to be had here",
}


def left_to_people(controls: Sequence[RealisedControl], whole: Container[str]) -> Iterator[Line]:
    """Say part by part what the controls named in `whole` do not enforce; of the others, how many parts that is.

    What waits for the end of a pilot, and exceptions that cannot be made, are always said.
    """
    lines = [line for control in controls for line in _left(control, whole)]
    counts: Counter[Level] = Counter(
        part.level
        for control in controls
        if control.control not in whole and not control.exception
        for part in control.realisation.parts
        if part.level is not Level.ENFORCED
    )
    if counts:
        told = ", ".join(f"{counts[level]} {words}" for level, words in _WORDS.items() if counts[level])
        of = "of controls that change nothing" if lines else "of these controls"
        parts = counted(counts.total(), "part")
        lines.append(Line(f"{parts} {of}: {told} (-v names each, `toolkit check` says how it stands)", Tone.QUIET))
    yield from [Line(), *lines] if lines else []


def _left(control: RealisedControl, whole: Container[str]) -> Iterator[Line]:
    who = f"{control.control} on {control.provider}"
    if control.pilot and not control.pilot.over:
        yield Line(f"  {who}: {control.pilot}", Tone.QUIET)
    for part in control.realisation.parts:
        if part.level is not Level.ENFORCED and not control.exception and control.control in whole:
            yield Line(f"  {who}: {part.name}: {part.level}: {part.reason or part.covers}", Tone.QUIET)
        if part.waits:
            yield Line(f"  {who}: {part.name}: {part.waits}", Tone.QUIET)
        for text in part.cannot:
            yield Line(f"  {who}: {part.name}: no exception for {text}", Tone.QUIET)

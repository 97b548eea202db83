"""The uses that a plan ends, as text and JSON."""

from collections.abc import Iterator, Sequence

from toolkit.planning.stops import PlannedStop
from toolkit.render.line import Line, Tone
from toolkit.render.skipped_answer import named_address
from toolkit.render.values_text import first_few, grouped
from toolkit.sdk.lending import without_person
from toolkit.values import Body

_NAMED = 3
_MOST = 12  # lines, so that the block stays on the first screen
_NAME = "{name}"


def stop_lines(stops: Sequence[PlannedStop], *, verbose: bool = False) -> Iterator[Line]:
    """Show a line for each effect, with the count that was read or "not counted"."""
    if not stops:
        return
    lines = [_line(words, alike, verbose=verbose) for words, alike in _by_words(stops)]
    shown = lines if verbose or len(lines) <= _MOST else lines[: _MOST - 1]
    yield Line()
    yield Line("What stops:", Tone.HEADING)
    yield from (Line(f"! {line}", Tone.WARNING) for line in shown)
    if more := len(lines) - len(shown):
        yield Line(f"! and {more} more: -v shows each", Tone.WARNING)


def _by_words(stops: Sequence[PlannedStop]) -> Iterator[tuple[str, Sequence[PlannedStop]]]:
    """Yield the stops with the same words together. A counted stop has a line of its own."""
    for stop in stops:
        if stop.count is not None:
            yield stop.words, [stop]
    yield from grouped([stop for stop in stops if stop.count is None], lambda stop: stop.words).items()


def _line(words: str, stops: Sequence[PlannedStop], *, verbose: bool) -> str:
    return f"{_put_names(words, stops)}: {_count(stops, verbose=verbose)}"


def _put_names(words: str, stops: Sequence[PlannedStop]) -> str:
    names = [without_person(address).shown for stop in stops for address in stop.addresses]
    return words.replace(_NAME, first_few(names, _NAMED))


def _count(stops: Sequence[PlannedStop], *, verbose: bool) -> str:
    count, error = stops[0].count, next((stop.error for stop in stops if stop.error), "")
    if count is not None:
        return str(count)
    return "not counted" + (f" ({error if verbose else 'could not be read'})" if error else "")


def stops_answer(stops: Sequence[PlannedStop]) -> list[Body]:
    """Return the same as JSON. `count` is null if nothing was counted, and `error` is the reason if that was tried."""
    return [
        {
            "words": _put_names(stop.words, [stop]),
            "objects": [named_address(address) for address in stop.addresses],
            "settings": [setting for setting in stop.settings if setting],
            "count": None if stop.count is None else {"number": stop.count.number, "words": str(stop.count)},
            "error": stop.error or None,
        }
        for stop in stops
    ]

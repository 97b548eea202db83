"""Render the uses of a service that end when a plan is applied, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence

from toolkit.planning.stops import EndedUse
from toolkit.render.line import Line, Tone
from toolkit.render.skipped_answer import identity_json
from toolkit.render.values_text import format_first_names, group_by
from toolkit.sdk.effect import EffectArea, effect_text
from toolkit.sdk.lending import without_person
from toolkit.values import Body, unique

_NAMED = 3
_MOST = 12  # lines, so that the block stays on the first screen


def ended_use_lines(ended_uses: Sequence[EndedUse], *, verbose: bool = False) -> Iterator[Line]:
    """Yield a line for each use of a service that a plan ends, with the number of cases or "not counted".

    If there are more lines than fit on the first screen, some lines of each area are shown, counted uses first.
    """
    if not ended_uses:
        return
    groups = list(_group_by_text(ended_uses))
    shown = groups if verbose or len(groups) <= _MOST else _choose_from_each_area(groups, _MOST - 1)
    yield Line()
    yield Line("What stops:", Tone.HEADING)
    yield from (Line(f"! {_ended_uses_text(group, verbose=verbose)}", Tone.WARNING) for group in shown)
    if more := len(groups) - len(shown):
        yield Line(f"! and {more} more: -v shows each", Tone.WARNING)


def _group_by_text(ended_uses: Sequence[EndedUse]) -> Iterator[Sequence[EndedUse]]:
    """Yield the ended uses in groups that have the same text. A use with a count is in a group of its own."""
    yield from ([stop] for stop in ended_uses if stop.count is not None)
    yield from group_by([stop for stop in ended_uses if stop.count is None], lambda stop: stop.words).values()


def _choose_from_each_area(groups: Sequence[Sequence[EndedUse]], maximum: int) -> Sequence[Sequence[EndedUse]]:
    """Return as many groups of ended uses as fit, in turn from each area.

    Groups with a count are chosen first, then groups that people outside the school notice.
    """
    seen: Counter[EffectArea | None] = Counter()
    ranks: list[tuple[bool, bool, int, int]] = []
    for place, group in enumerate(groups):
        meets_outside = any(stop.meets_outside for stop in group)
        ranks.append((group[0].count is None, not meets_outside, seen[group[0].area], place))
        seen[group[0].area] += 1
    chosen = [groups[place] for *_, place in sorted(ranks)[:maximum]]
    areas = [*EffectArea, None]
    return sorted(chosen, key=lambda group: (group[0].count is None, areas.index(group[0].area)))


def _ended_uses_text(ended_uses: Sequence[EndedUse], *, verbose: bool) -> str:
    return f"{_text_with_names(ended_uses)}: {_count_text(ended_uses, verbose=verbose)}"


def _text_with_names(ended_uses: Sequence[EndedUse]) -> str:
    names = unique(without_person(address).display_name for stop in ended_uses for address in stop.addresses)
    return effect_text(ended_uses[0].words, names, format_first_names(names, _NAMED))


def _count_text(ended_uses: Sequence[EndedUse], *, verbose: bool) -> str:
    count, error = ended_uses[0].count, next((stop.error for stop in ended_uses if stop.error), "")
    if count is not None:
        return str(count)
    return "not counted" + (f" ({error if verbose else 'could not be read'})" if error else "")


def ended_uses_json(ended_uses: Sequence[EndedUse]) -> list[Body]:
    """Return the uses of a service that a plan ends as JSON.

    `count` is null if nothing was counted, and then `error` is the reason.
    """
    return [
        {
            "area": stop.area,
            "words": _text_with_names([stop]),
            "objects": [identity_json(address) for address in stop.addresses],
            "settings": [setting for setting in stop.settings if setting],
            "count": None if stop.count is None else {"number": stop.count.number, "words": str(stop.count)},
            "error": stop.error or None,
        }
        for stop in ended_uses
    ]

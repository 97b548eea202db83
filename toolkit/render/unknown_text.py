"""Render the objects, controls and groups of a plan that are unknown, unused or unavailable, with the reasons."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Unknown
from toolkit.planning.plan_states import (
    GROUPS,
    UNAVAILABLE,
    UNKNOWN,
    UNUSED,
)
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import count_text, format_first_names, group_by
from toolkit.sdk.lending import object_name, without_names
from toolkit.sdk.reason import admin_text

NAMED = 3
"""The number of names in a line of text. The JSON has all names."""


_NAMED_KINDS = 20  # kinds that could not be read for the same reason


def unknown_lines(plan: Plan, _zone: ZoneInfo, *, verbose: bool = False) -> Iterator[Line]:
    """Yield lines about the unknown objects, and about unknown kinds by their reason, because a single
    permission may be needed for many kinds.

    With `verbose`, show the refused request of each kind.
    """
    for alike in group_by(plan.select(UNKNOWN), _unknown_cause).values():
        reason = _unknown_reason(alike[0])
        if len(alike) == 1:
            text = f"{_unknown_subject(alike[0])}: could not be read, so toolkit does not change it: {reason}"
            yield Line(f"{UNKNOWN.sign} {text}", Tone.WARNING)
            if verbose and alike[0].request:
                yield Line(f"    refused: {alike[0].request}", Tone.WARNING)
            continue
        text = f"{len(alike)} kinds could not be read, so toolkit does not change them, for example: {reason}"
        yield Line(f"{UNKNOWN.sign} {text}", Tone.WARNING)
        if verbose:
            refused = [(_unknown_subject(kind), kind.request or _unknown_reason(kind)) for kind in alike]
            yield from (Line(f"    {name}: {request}", Tone.WARNING) for name, request in refused)
            continue
        yield Line(f"    {format_first_names([*map(_unknown_subject, alike)], _NAMED_KINDS)}", Tone.WARNING)


def _unknown_reason(subject: Unknown) -> str:
    return without_names(subject.address, admin_text(subject.reason), subject.kind)


def _unknown_cause(subject: Unknown) -> tuple[str, str]:
    """Return a key that is equal for unknown kinds that can share a line, because they lack the same permission
    or have the same reason.
    """
    if subject.address or subject.for_whom:
        return _unknown_subject(subject), _unknown_reason(subject)
    return "", subject.missing or _unknown_reason(subject)


def group_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for why, unknown in group_by(plan.select(*GROUPS), lambda subject: subject.reason).items():
        before = max((subject.people_before for subject in unknown if subject.people_before), default=0)
        then = f" ({count_text(before, 'person', 'people')} at the last apply)" if before else ""
        what = count_text(len(unknown), "object or control", "objects and controls")
        yield Line(f"? {admin_text(why)}{then}: {what} left as they are", Tone.WARNING)
        yield Line(f"    {format_first_names([*map(_unknown_subject, unknown)], NAMED)}", Tone.WARNING)


def _unknown_subject(unknown: Unknown) -> str:
    if unknown.address:
        return object_name(unknown.address)
    return f"{unknown.kind} on {unknown.provider}" if unknown.provider else unknown.kind


def unused_object_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    unused = plan.select(UNUSED)
    if len(unused) > NAMED:
        text = f"{UNUSED.sign} {len(unused)} objects: their accounts are closed or have no mailbox, so nothing to do"
        yield Line(text, Tone.QUIET)
        yield Line(f"    {format_first_names([*map(_unknown_subject, unused)], NAMED)}", Tone.QUIET)
        return
    for subject in unused:
        yield Line(f"{UNUSED.sign} {_unknown_subject(subject)}: nothing to do: {_unknown_reason(subject)}", Tone.QUIET)


def unavailable_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for reason, kinds in group_by(plan.select(UNAVAILABLE), lambda subject: subject.reason).items():
        names = ", ".join(unavailable.kind for unavailable in kinds)
        yield Line(f"{UNAVAILABLE.sign} {reason}: not read: {names}", Tone.QUIET)

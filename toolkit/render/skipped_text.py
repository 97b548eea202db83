"""Render the objects that a run does not change, such as look-alikes or unknown objects, with the reasons."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from toolkit.planning.change import Create
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import (
    ACCEPTED,
    ACCEPTED_LOOK_ALIKE,
    CEDED,
    CONFLICT,
    DUPLICATE,
    GROUPS,
    KEPT,
    LOOK_ALIKE,
    NOTED,
    NOTED_UNREAD,
    OTHER_LEDGER,
    OVERRIDDEN,
    REFUSED,
    UNAVAILABLE,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
    UNDECIDED,
    UNKNOWN,
    UNREAD_PROPERTY,
    UNUSED,
    PlanState,
)
from toolkit.planning.verdicts.use import controls_with_uncounted_devices
from toolkit.render.line import Line, Tone
from toolkit.render.undecided_text import open_choice_lines
from toolkit.render.unknown_text import NAMED, group_lines, unavailable_lines, unknown_lines, unused_object_lines
from toolkit.render.values_text import conflict_values, count_text, format_first_names, format_value, group_by
from toolkit.sdk.lending import object_name


def unchanged_object_lines(plan: Plan, time_zone: str, *, verbose: bool = False) -> Iterator[Line]:
    """Yield lines about everything that a run does not write, with the reason and the next step.

    Times are in the school's time zone. With `verbose`, show the refused request of each kind that could not be read.
    """
    zone = ZoneInfo(time_zone)
    shown: Mapping[tuple[PlanState[Any], ...], Callable[[Plan, ZoneInfo], Iterator[Line]]]
    shown = {**SHOWN, (UNKNOWN,): partial(unknown_lines, verbose=verbose)}
    lines = [line for show in shown.values() for line in show(plan, zone)]
    yield from [Line(), *lines] if lines else []


def _look_alike_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for look_alike in plan.select(LOOK_ALIKE):
        other, desired = look_alike.observed.remote.name, look_alike.desired
        here = look_alike.observed.address.kind == desired.address.kind
        what = repr(other) if here else look_alike.observed.address.display_text
        whose = "is managed, from an earlier apply" if look_alike.is_ours else "is unmanaged"
        reason = look_alike.why or f"{what} does the same job and {whose}"
        yield Line(f"{LOOK_ALIKE.sign} {desired.address}: {reason}", Tone.WARNING)
        adopt = f"`adopt: {other!r}`, " if here else ""
        keep = f"`renamed_from: {other!r}` to keep it under the new name, or " if here else ""
        ours = f"set {keep}`beside: true` and run with --prune"
        advice = ours if look_alike.is_ours else f"set {adopt}`beside: true` or `leave: true`"
        yield Line(f"    {desired.origin}: {advice}", Tone.WARNING)


def _duplicate_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for duplicate in plan.select(DUPLICATE):
        other = duplicate.observed.address.display_text
        whose = f"{other}, from an earlier apply," if duplicate.is_ours else f"unmanaged {other}"
        yield Line(
            f"{DUPLICATE.sign} {duplicate.desired.address}: {whose} also does the same job, {duplicate.job}",
            Tone.WARNING,
        )
        yield Line(f"    {duplicate.desired.origin}: remove one of the two, or set `beside: true`", Tone.WARNING)


def _accepted_look_alike_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for look_alike in plan.select(ACCEPTED_LOOK_ALIKE):
        text = (
            f"{look_alike.desired.address}: {look_alike.observed.remote.name!r} is left in place, as the playbook says"
        )
        yield Line(f"{ACCEPTED_LOOK_ALIKE.sign} {text}", Tone.QUIET)


def _refusal_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for reason, refusals in group_by(plan.refused, lambda refusal: refusal.reason).items():
        names = [f"{object_name(refusal.address)}{_refusal_origin(refusal)}" for refusal in refusals]
        if len(refusals) > NAMED:
            yield Line(f"{REFUSED.sign} {len(refusals)} objects: refused: {reason}", Tone.WARNING)
            yield Line(f"    {format_first_names(names, NAMED)}", Tone.WARNING)
            continue
        for refusal in refusals:
            yield Line(
                f"{REFUSED.sign} {object_name(refusal.address)}: refused: {reason}{_refusal_origin(refusal)}",
                Tone.WARNING,
            )
            yield from (Line(f"    {effect}", Tone.WARNING) for effect in refusal.effects)


def _refusal_origin(refusal: Refusal) -> str:
    return f" ({refusal.origin})" if refusal.origin else ""


def _conflict_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for conflict in plan.select(CONFLICT):
        now, left, before = conflict_values(conflict)
        text = f"{conflict.path} is {format_value(now)} now, not {format_value(left)}, so it was changed since"
        if conflict.now == conflict.after:
            text = f"{conflict.path} can only be restored together with other settings, which were changed later"
        yield Line(
            f"{CONFLICT.sign} {object_name(conflict.address)}: conflict: {text}; it is left as it is", Tone.WARNING
        )
        yield Line(f"    --even-if-changed would make it {format_value(before)}", Tone.WARNING)


def _overriding_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    """Yield lines about the objects that override managed objects, with the managed objects that they override
    or would override.
    """
    created = {change.address for change in plan.changes if isinstance(change, Create)}
    for remark in (remark for remark in plan.select(OVERRIDDEN) if not remark.by):
        yield Line(f"{OVERRIDDEN.sign} {remark.address.display_text}: {remark.text}", Tone.WARNING)
    for (other, ours), remarks in group_by(
        (remark for remark in plan.select(OVERRIDDEN) if remark.by),
        lambda remark: (f"{remark.address.kind_path}[{remark.by}]", remark.is_ours),
    ).items():
        defeated = list(dict.fromkeys(remark.address for remark in remarks))
        ways = group_by(remarks, lambda remark: remark.text)
        whose = f"{other}, from an earlier apply," if ours else f"unmanaged {other}"
        how = f" {next(iter(ways))}" if len(ways) == 1 else ""
        text = f"{OVERRIDDEN.sign} {whose} runs first and overrides {count_text(len(defeated), 'managed object')}:{how}"
        yield Line(text, Tone.WARNING)
        for way, alike in ways.items():
            names = ", ".join(remark.address.name for remark in alike)
            yield Line(f"    {names}" if len(ways) == 1 else f"    {names}: {way}", Tone.WARNING)
        if new := [address.name for address in defeated if address in created]:
            yield Line(f"    would be created below it: {', '.join(new)}", Tone.WARNING)


def _uncertain_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for text, maybes in group_by(plan.select(UNCERTAIN, UNCERTAIN_UNREAD), lambda maybe: maybe.text).items():
        about = format_first_names([maybe.address.display_text for maybe in maybes], 1)  # the JSON names all
        yield Line(f"{UNCERTAIN.sign} {about}: may not work for everyone: {text}", Tone.WARNING)


def _note_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    """Yield each note as a line, with all objects that the note is about."""
    for (by, text), notes in group_by(plan.select(NOTED, NOTED_UNREAD), lambda note: (note.by, note.text)).items():
        about = format_first_names([note.address.display_text for note in notes], NAMED)
        state, tone = (NOTED_UNREAD, Tone.WARNING) if any(note.is_unread for note in notes) else (NOTED, Tone.QUIET)
        yield Line(f"{state.sign} {about}: {f'{by} ' if by else ''}{text}", tone)


def _uncounted_device_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for why, controls in controls_with_uncounted_devices(plan.controls).items():
        about = format_first_names(sorted({control.control for control in controls}), NAMED)
        yield Line(f"? {about}: unknown whether anyone in the audience has a device: {why}", Tone.WARNING)


def _unread_property_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    """Yield a line about each property that this version of toolkit does not know, with the number of objects
    that have it.
    """
    for (kind, path), objects in group_by(
        plan.select(UNREAD_PROPERTY), lambda unread: (unread.kind, unread.path)
    ).items():
        number = count_text(len(objects), "object")
        text = f"{kind}: {path} is set in {number}, but this version does not know it, so it is not compared"
        yield Line(f"{UNREAD_PROPERTY.sign} {text}", Tone.QUIET)


def _ceded_setting_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for ceded in plan.select(CEDED):
        what = ", ".join(sorted(path for path in ceded.paths if path)) or "its existence"
        text = f"{object_name(ceded.address)}: {what} is left as others set it, as the playbook says"
        yield Line(f"{CEDED.sign} {text}", Tone.QUIET)


def _accepted_drift_lines(plan: Plan, zone: ZoneInfo) -> Iterator[Line]:
    for drift in plan.select(ACCEPTED):
        what = f": {drift.path}" if drift.path else ""
        until = _format_end(drift.ends.astimezone(zone))
        text = (
            f"{object_name(drift.address)}{what}: accepted until {until}: {drift.reason} ({drift.by}, {drift.origin})"
        )
        yield Line(f"{ACCEPTED.sign} {text}", Tone.QUIET)


def _format_end(ends: datetime) -> str:
    """Format the end of a period as playbooks write it: only the last day if the end is at midnight."""
    return f"{ends - datetime.resolution:%Y-%m-%d}" if ends.time() == time.min else f"{ends:%Y-%m-%d %H:%M}"


def _kept_object_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    for kept in plan.objects_kept:
        yield Line(f"{KEPT.sign} {object_name(kept.address)}: {kept.reason} ({kept.origin})", Tone.QUIET)


def _other_ledger_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    """Yield lines about the objects with the mark of another ledger.

    Many objects share a line, because after a new ledger is begun, every object may still have the old mark.
    """
    for how, mine in (("unchanged, but ", True), ("", False)):
        names = [
            object_name(observed.address)
            for observed in plan.select(OTHER_LEDGER)
            if (observed.address in plan.desired_controls) is mine
        ]
        text = f"{how}marked by another ledger: `toolkit state adopt` takes"
        if len(names) > NAMED:
            yield Line(f"{OTHER_LEDGER.sign} {len(names)} objects: {text} them over", Tone.QUIET)
            yield Line(f"    {format_first_names(names, NAMED)}", Tone.QUIET)
            continue
        yield from (Line(f"{OTHER_LEDGER.sign} {name}: {text} it over", Tone.QUIET) for name in names)


def _undecided_control_lines(plan: Plan, _zone: ZoneInfo) -> Iterator[Line]:
    yield from open_choice_lines(plan.select(UNDECIDED))


SHOWN: Mapping[tuple[PlanState[Any], ...], Callable[[Plan, ZoneInfo], Iterator[Line]]] = {
    (LOOK_ALIKE,): _look_alike_lines,
    (DUPLICATE,): _duplicate_lines,
    (ACCEPTED_LOOK_ALIKE,): _accepted_look_alike_lines,
    (REFUSED,): _refusal_lines,
    (CONFLICT,): _conflict_lines,
    (UNKNOWN,): unknown_lines,
    GROUPS: group_lines,
    (UNUSED,): unused_object_lines,
    (OVERRIDDEN,): _overriding_lines,
    (UNCERTAIN, UNCERTAIN_UNREAD): _uncertain_lines,
    (NOTED, NOTED_UNREAD): _note_lines,
    (): _uncounted_device_lines,
    (UNREAD_PROPERTY,): _unread_property_lines,
    (CEDED,): _ceded_setting_lines,
    (ACCEPTED,): _accepted_drift_lines,
    (KEPT,): _kept_object_lines,
    (OTHER_LEDGER,): _other_ledger_lines,
    (UNAVAILABLE,): unavailable_lines,
    (UNDECIDED,): _undecided_control_lines,
}
"""The function that shows the rows in each state, in the order of the page."""

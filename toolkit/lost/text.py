"""Renders lost devices as text and JSON, without people's names."""

from collections.abc import Iterable, Iterator

from toolkit.lost.model import ActOutcome, LossReport, Wipe
from toolkit.render.audit_text import format_minute
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.render.values_text import count_text
from toolkit.sdk.providers import cloud_title
from toolkit.values import Body

_SIGNS = {
    ActOutcome.DONE: ("=", Tone.PLAIN),
    ActOutcome.REQUESTED: ("~", Tone.CHANGED),
    ActOutcome.PLANNED: ("@", Tone.CHANGED),
    ActOutcome.BY_HAND: ("*", Tone.WARNING),
    ActOutcome.FAILED: ("!", Tone.WARNING),
    ActOutcome.UNKNOWN: ("?", Tone.WARNING),
    ActOutcome.NOT_DONE: ("!", Tone.WARNING),
}


def report_lines(report: LossReport) -> Iterator[Line]:
    """Yield lines about a lost device and the actions on it."""
    tag = f", asset tag {report.tag}" if report.tag else ", not in the register"
    yield Line(f"Device {report.serial}{tag}", Tone.HEADING)
    if report.loss:
        theft = f"; theft reference {report.loss.theft}" if report.loss.theft else ""
        yield Line(f"  reported lost {format_minute(report.loss.on)}{theft}")
    for provider, device in report.devices.items():
        contact = format_minute(device.seen) if device.seen else "not shown"
        facts = f"{device.platform}, {device.model}, {device.encryption}, last contact {contact}"
        yield Line(f"  {cloud_title(provider)}, read {format_minute(report.read)}: {facts}")
        if then := report.evidence.get(provider):
            contact, at = (then[name].replace("T", " ")[: len("2026-11-10 09:00")] for name in ("contact", "read"))
            yield Line(f"    when it was reported lost: {then['encryption']}, last contact {contact}, read {at}")
    if not report.devices:
        nowhere = "no cloud that could be read manages the device"
        yield Line(f"  {nowhere}" if report.wipes else f"  {nowhere}: it cannot be locked from here", Tone.WARNING)
    yield Line(
        f"  assigned to {count_text(report.holders, 'account')}" if report.holders else "  assigned to no account"
    )
    if report.spared:
        words = f"{count_text(report.spared, 'protected account')} left as it is: end its sessions by hand"
        yield Line(f"  * {words}", Tone.WARNING)
    if report.missing:
        words = f"{count_text(report.missing, 'account')} not found in any cloud: end the holder's sessions by hand"
        yield Line(f"  * {words}", Tone.WARNING)
    for act in report.acts:
        sign, tone = _SIGNS[act.outcome]
        why = f": {act.reason}" if act.reason else ""
        yield Line(f"  {sign} {cloud_title(act.provider)}, {act.words}: {act.outcome}{why}", tone)
    for provider, wipe in report.wipes.items():
        yield Line(f"  {cloud_title(provider)}, wipe: {wipe_text(wipe)}")
    for provider, error in report.unread.items():
        yield Line(f"  ? {cloud_title(provider)} could not be read: {error}", Tone.WARNING)


def wipe_text(wipe: Wipe) -> str:
    """Return the record of a wipe as text."""
    since = "; it has not been managed there since" if wipe.is_unmanaged else ""
    match wipe.outcome:
        case ActOutcome.NOT_DONE:
            return f"not wiped{since}"
        case ActOutcome.UNKNOWN:
            return f"unknown: {wipe.reason}{since}"
        case outcome:
            return f"{outcome} at {wipe.at}{since}"


def reports_answer(reports: Iterable[LossReport], target: str) -> Body:
    """Return reports about lost devices as JSON."""
    return to_body({"target": target, "devices": [_report_json(report) for report in reports]})


def _report_json(report: LossReport) -> Body:
    devices = {
        provider: row(device, "platform", "model", "encryption", "seen", "personal")
        for provider, device in report.devices.items()
    }
    return to_body(
        {
            **row(report, "serial", "tag?", "read", "holders", "spared", "missing", "evidence", "unread"),
            "wipes": {provider: wipe_text(wipe) for provider, wipe in report.wipes.items()},
            "lost": row(report.loss, "on", "theft?", "theft_closed?", "ended?") if report.loss else None,
            "clouds": devices,
            "acts": rows(report.acts, "provider", "name", "words", "outcome", "reason?"),
        }
    )

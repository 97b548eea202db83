"""Find out whether the people of a control's audience use a cloud, from their accounts, mailboxes and devices there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.controls.mail_usage import NO_MAILBOX
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.policy.page import FOUND, NOBODY
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.measurement import NOTHING_TO_COUNT
from toolkit.sdk.reason import About, Reason, ReasonCode, Share
from toolkit.sdk.verdict import Count, Ground, PartOutcome, WireEvidence

_NO_ACCOUNT = ReasonCode(
    "no_account",
    admin="no one in its audience has an account here",
    governor="none of the people it is for has an account here",
)()
_NO_GROUP = ReasonCode(
    "no_group_here",
    admin="the role {role} has a group only on another cloud",
    governor="it applies to no one on this cloud",
)
_USE_UNKNOWN = ReasonCode(
    "use_unknown",
    admin="the number of people in its audience with a mailbox here is unknown: {why}",
    governor="it is not known how many of the people it is for have a mailbox here: {why}",
)
_DEVICES_UNKNOWN = ReasonCode(
    "devices_unknown",
    admin="the number of devices of its audience here is unknown: {why}",
    governor="it is not known how many devices the people it is for have here: {why}",
)
_NO_DEVICE = ReasonCode(
    "no_device",
    admin="none of the {count} people in its audience has a device here",
    governor="none of the people it is for has a device here",
)
_MAIL, OF_DEVICES = "mail.", "device."
"""The beginnings of the names of mail and device controls."""


def ground_for_unused_cloud(about: About, control: RealisedControl, source: Reason, read_at: datetime) -> Ground | None:
    """Return a ground that says that no one in a control's audience uses a cloud, or that this could not be found out.

    The second ground is only for mail and device controls. Return None if people use the cloud.
    """
    use, evidence = control.use, WireEvidence(read_at)
    uncounted = _explain_missing_count(control)
    if uncounted:
        reason = FOUND(about=about, found=uncounted)
        return Ground(outcome=PartOutcome.UNKNOWN, reason=reason, says=NOBODY, evidence=evidence)
    if use and (why := _explain_unused_cloud(control)):
        reason, count = FOUND(about=about, found=why), Count(0, use.people, noun="person")
        return Ground(outcome=PartOutcome.NOT_USED, reason=reason, says=source, evidence=evidence, count=count)
    return None


def _explain_missing_count(control: RealisedControl) -> Reason | None:
    use = control.use
    if use and use.unknown and _is_mail_control(control):
        return _USE_UNKNOWN(why=use.unknown)
    if use and use.devices_unknown and is_device_control(control):
        return _DEVICES_UNKNOWN(why=use.devices_unknown)
    return None


def controls_with_uncounted_devices(controls: Iterable[RealisedControl]) -> Mapping[str, list[RealisedControl]]:
    """Return the controls for devices whose devices could not be counted, by the reason."""
    by_reason: dict[str, list[RealisedControl]] = {}
    for control in controls:
        if control.use and control.use.devices_unknown and not control.exception:
            by_reason.setdefault(control.use.devices_unknown, []).append(control)
    return by_reason


def replace_unused_findings(
    findings: Iterable[ControlFinding], controls: Sequence[RealisedControl]
) -> Iterator[ControlFinding]:
    """Yield the findings of checks.

    If no one in a control's audience uses a cloud, yield only the finding "not used" for this control there.
    """
    reasons: dict[tuple[str, str], list[Reason | None]] = {}
    for control in controls:
        reasons.setdefault((control.control, control.provider), []).append(_explain_unused_cloud(control))
    for control_finding in findings:
        why = reasons.get((control_finding.control, control_finding.provider), [])
        if why and why[0] and all(why):
            finding = Finding(control_finding.finding.subject, Status.PASS, why[0], measurement=NOTHING_TO_COUNT)
            yield replace(control_finding, finding=finding, advice="", measured=True)
        else:
            yield control_finding


def _explain_unused_cloud(control: RealisedControl) -> Reason | None:
    use = control.use
    if use is None or use.unknown:
        return None
    if not use.people:
        return _NO_GROUP(role=use.role) if use.role else _NO_ACCOUNT
    people = Share(use.people, use.people, alone=True)
    if is_device_control(control) and use.devices == 0:
        return _NO_DEVICE(count=people)
    return NO_MAILBOX(count=people) if _is_mail_control(control) and not use.mailboxes else None


def _is_mail_control(control: RealisedControl) -> bool:
    return control.control.startswith(_MAIL)


def is_device_control(control: RealisedControl) -> bool:
    return control.control.startswith(OF_DEVICES)

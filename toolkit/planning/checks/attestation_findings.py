"""Compare the confirmations that controls require with the confirmations in the school's files."""

from collections.abc import Sequence
from datetime import date

from toolkit.playbook.attestations import Attestation
from toolkit.playbook.registers import Attested
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.dates import day
from toolkit.sdk.part import Part
from toolkit.sdk.reason import Reason, ReasonCode, same_words
from toolkit.sdk.statement import Confirmation

NOT_CONFIRMED = ReasonCode(
    "not_confirmed_yet", admin="not confirmed yet: {how}", governor="no one has confirmed it yet"
)
CONFIRMED_BY = same_words("confirmed_by", "confirmed by {by} on {day}")
CONFIRMED_BY_OPERATOR = ReasonCode(
    "confirmed_by_operator",
    admin="confirmed by {by}, who also runs toolkit, on {day}",
    governor="confirmed by {by}, who also runs this tool, on {day}",
)
CONFIRMED = (CONFIRMED_BY, CONFIRMED_BY_OPERATOR)
CONFIRMED_UNTIL = same_words("confirmed_until", "{who}, until {until}")
_MISDATED = same_words("confirmed_too_early", "{who}, but this date is in the future")
_OVERDUE = same_words("confirmation_overdue", "overdue by {days}")
_BEHIND = same_words("confirmation_overdue_since", ": {found}")


def judge_confirmations(part: Part, attestations: Sequence[Attestation], today: date) -> tuple[Finding, str]:
    """Return the finding on a part of a control that people must confirm, and advice on what to do."""
    if early := [attestation for attestation in attestations if attestation.on > today]:
        misdated = _MISDATED(who=confirmation_sentence(early[0]))
        return _confirmation_finding(
            part, Status.FAIL, early[0], misdated
        ), f"correct the date at {_file_and_line(early[0])}"
    latest = max(attestations, key=lambda attestation: attestation.until, default=None)
    if latest is None:
        return Finding(part.name, Status.MANUAL, NOT_CONFIRMED(how=part.reason or part.covers)), ""
    reason = CONFIRMED_UNTIL(who=confirmation_sentence(latest), until=day(latest.until))
    if latest.until >= today:
        return _confirmation_finding(part, Status.PASS, latest, reason), ""
    days = (today - latest.until).days
    overdue = _OVERDUE(days=f"{days} day{'' if days == 1 else 's'}").then(_BEHIND(found=reason))
    return _confirmation_finding(
        part, Status.FAIL, latest, overdue
    ), f"check again and write the new dates at {_file_and_line(latest)}"


def confirmation_sentence(confirmation: Attestation | Attested) -> Reason:
    """Return a sentence that says who confirmed a part of a control, and when."""
    code = CONFIRMED_BY_OPERATOR if confirmation.operator else CONFIRMED_BY
    return code(by=confirmation.by, day=day(confirmation.on))


def keep_confirmation_sentence(reason: Reason) -> Reason:
    """Return the sentence that says who confirmed a part, without the rest of the reason.

    If the reason is about a test, return the whole reason.
    """
    who = (value for name, value in reason.params if name == "who" and isinstance(value, Reason))
    return next(who, reason) if reason.code is CONFIRMED_UNTIL else reason


def _file_and_line(attestation: Attestation) -> str:
    return f"{attestation.origin.path}:{attestation.lines['on']}"


def _confirmation_finding(part: Part, status: Status, attestation: Attestation, reason: Reason) -> Finding:
    confirmation = Confirmation(
        by=attestation.by,
        on=attestation.on,
        until=attestation.until,
        operator=attestation.operator,
        note=attestation.note,
        origin=str(attestation.origin),
    )
    return Finding(part.name, status, reason, statement=confirmation)

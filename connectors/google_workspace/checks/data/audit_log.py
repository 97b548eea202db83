"""Checks whether Google's logs record events, from the newest entry in the log of sign-ins.

Follows https://support.google.com/a/answer/7061566
"""

from collections.abc import Iterable
from datetime import timedelta

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.logs_and_alerts import SIGN_INS, AuditLog
from toolkit.sdk import CheckOccasion, Finding, Status, check_subject, same_words

_NEWEST = same_words("log_of_sign_ins", "the newest sign-in in the log was on {day}")
_EMPTY = same_words("log_of_sign_ins_empty", "the log of sign-ins has no entry")

needs = leave("reports.activities.list")


def check(settings: AuditLog, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Check the date of the newest sign-in. During holidays, a log without recent entries may still work."""
    yield check_subject(SIGN_INS, lambda: _check_newest(settings, context, via))


def _check_newest(settings: AuditLog, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    newest = via.newest_sign_in()
    if newest is None:
        return Finding(SIGN_INS, Status.UNKNOWN, _EMPTY())
    day = newest.date().isoformat()
    recent = context.now - newest <= timedelta(days=settings.quiet_days)
    return Finding(SIGN_INS, Status.PASS if recent else Status.UNKNOWN, _NEWEST(day=day), {"newest": day})

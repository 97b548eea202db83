"""What every cloud says of accounts that are switched off; who is on hold is told nowhere here."""

from collections.abc import Sequence
from datetime import date

from toolkit.controls.data.leaver_handover import LeaverHandover
from toolkit.controls.reply_text import day
from toolkit.sdk.finding import Finding, Status
from toolkit.values import Json

LICENCES, MAILBOXES = "licences of leavers", "mailboxes of leavers"
GROUPS, FORWARDING = "groups of leavers", "forwarding of leavers"
ACCOUNTS, ENDING = "accounts of leavers", "deleted accounts"
ASK_FIRST = "before removing anything, ask `toolkit hold list`"


def still_open(
    subject: str, wanted: LeaverHandover, accounts: int, left: Sequence[str], *, what: str, then: str
) -> Finding:
    """Say how many of the accounts have something left open; `what` reads behind "3 of 8" and behind "no"."""
    evidence: dict[str, Json] = {"accounts": accounts, "open": len(left)}
    if not left:
        return Finding(subject, Status.PASS, f"none of {accounts} {what}" if accounts else f"no {what}", evidence)
    reason = f"{len(left)} of {accounts} {what}: {then}; {ASK_FIRST}{_named(wanted, left, evidence)}"
    return Finding(subject, Status.FAIL, reason, evidence)


def ending(wanted: LeaverHandover, ends: Sequence[tuple[str, date]], today: date) -> Finding:
    """Say how many deleted accounts end for good in the next days; `ends` has each with its day."""
    soon = sorted((last, who) for who, last in ends if (last - today).days <= wanted.ends_within_days)
    evidence: dict[str, Json] = {"deleted": len(ends), "soon": len(soon)}
    within = f"for good within {wanted.ends_within_days} day{'' if wanted.ends_within_days == 1 else 's'}"
    if not soon:
        reason = f"none of {len(ends)} ends {within}" if ends else "no account was deleted of late"
        return Finding(ENDING, Status.PASS, reason, evidence)
    first = soon[0][0]
    named = _named(wanted, [who for _, who in soon], evidence)
    evidence["first"] = first.isoformat()
    reason = (
        f"{len(soon)} of {len(ends)} {'ends' if len(soon) == 1 else 'end'} {within}, the first on {day(first)}, with "
        f"mail and files: restore what is not handed over yet{named}"
    )
    return Finding(ENDING, Status.FAIL, reason, evidence)


def _named(wanted: LeaverHandover, left: Sequence[str], evidence: dict[str, Json]) -> str:
    """Name them where the playbook asks for that."""
    if wanted.names == "none":
        return ""
    evidence["who"] = [*left]
    return f"; these are {', '.join(left)}"

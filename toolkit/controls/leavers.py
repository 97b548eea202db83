"""What every cloud says of accounts that are switched off; who is on hold is told nowhere here."""

from collections.abc import Sequence
from datetime import date

from toolkit.controls.data import LeaverHandover
from toolkit.controls.reply_text import day
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.reason import Reason, ReasonCode, Share, same_words
from toolkit.values import Json

LICENCES, MAILBOXES = "licences of leavers", "mailboxes of leavers"
GROUPS, FORWARDING = "groups of leavers", "forwarding of leavers"
ACCOUNTS, ENDING = "accounts of leavers", "deleted accounts"
DELAY = "mailboxes whose licence was taken back"
ASK_FIRST = "before removing anything, ask `toolkit hold list`"
_NONE_OPEN = ReasonCode("leavers_none_open", admin="none of {accounts} {what}", governor="no {what}")
_NO_LEAVERS = same_words("no_leavers", "no {what}")
_STILL_OPEN = ReasonCode(
    "leavers_still_open",
    admin=f"{{left}} {{what}}: {{then}}; {ASK_FIRST}",
    governor="{left} {what}",
)
_NAMED = ReasonCode("leavers_named", admin="; these are {who}", governor="")
_NONE_ENDS = ReasonCode(
    "no_account_ends", admin="none of {deleted} ends {within}", governor="no deleted account ends {within}"
)
_NONE_DELETED = ReasonCode(
    "no_account_deleted", admin="no account was deleted recently", governor="no account was deleted recently"
)
_ENDS = ReasonCode(
    "accounts_end",
    admin="{soon} {end} {within}, the first on {first}, with mail and files: restore what is not handed over yet",
    governor="{soon} deleted accounts end {within}, the first on {first}, with mail and files",
)


def still_open(
    subject: str, wanted: LeaverHandover, accounts: int, left: Sequence[str], *, what: Reason, then: str
) -> Finding:
    """Say how many of the accounts have something left open; `what` reads behind "3 of 8" and behind "no"."""
    evidence: dict[str, Json] = {"accounts": accounts, "open": len(left)}
    if not left:
        none = _NONE_OPEN(accounts=_all_of(accounts), what=what) if accounts else _NO_LEAVERS(what=what)
        return Finding(subject, Status.PASS, none, evidence)
    reason = _STILL_OPEN(left=Share(len(left), accounts, amiss=True), what=what, then=then)
    return Finding(subject, Status.FAIL, reason.then(_named(wanted, left, evidence)), evidence)


def ending(wanted: LeaverHandover, ends: Sequence[tuple[str, date]], today: date) -> Finding:
    """Say how many deleted accounts end for good in the next days; `ends` has each with its day."""
    soon = sorted((last, who) for who, last in ends if (last - today).days <= wanted.ends_within_days)
    evidence: dict[str, Json] = {"deleted": len(ends), "soon": len(soon)}
    within = f"for good within {wanted.ends_within_days} day{'' if wanted.ends_within_days == 1 else 's'}"
    if not soon:
        reason = _NONE_ENDS(deleted=_all_of(len(ends)), within=within) if ends else _NONE_DELETED()
        return Finding(ENDING, Status.PASS, reason, evidence)
    first = soon[0][0]
    named = _named(wanted, [who for _, who in soon], evidence)
    evidence["first"] = first.isoformat()
    end = "ends" if len(soon) == 1 else "end"
    counted = Share(len(soon), len(ends), amiss=True)
    reason = _ENDS(soon=counted, end=end, within=within, first=day(first)).then(named)
    return Finding(ENDING, Status.FAIL, reason, evidence)


def _all_of(accounts: int) -> Share:
    return Share(accounts, accounts, alone=True)


def _named(wanted: LeaverHandover, left: Sequence[str], evidence: dict[str, Json]) -> Reason | None:
    if wanted.names == "none":
        return None
    evidence["who"] = [*left]
    return _NAMED(who=", ".join(left))

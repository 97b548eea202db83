"""The control for people's rights to open another person's mailbox or send from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from toolkit.controls.control import Control, ControlSettings
from toolkit.controls.mail_lists import Address
from toolkit.sdk import Facts, Finding, Measurement, Reason, ReasonCode, Share, Status, Things, declare, same_words

SEND_AS, FULL_ACCESS = "rights to send as another mailbox", "rights to open another mailbox"
ON_BEHALF, LEFT_OVER = "rights to send on behalf", "rights of deleted accounts"
SHARED_SIGN_IN = "sign-in of shared mailboxes"


class DeclaredRights(BaseModel):
    """The rights to one mailbox that the playbook declares."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    mailbox: Address
    send_as: list[Address] = []
    full_access: list[Address] = []
    on_behalf: list[Address] = []


class SendAsDelegation(ControlSettings):
    """The rights to other mailboxes that the school has agreed.

    A run only checks, and never grants or removes a right. Full access also shows private items, so declare it with
    care for a safeguarding mailbox.
    """

    declared: list[DeclaredRights] = Field(
        description="Each mailbox that other people may open or send from, or [] if there are none.",
        examples=[[{"mailbox": "office@example-primary.example", "send_as": ["head@example-primary.example"]}]],
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the mailboxes to the admin who runs it. Reports for other people never name "
        "them.",
        default="none",
    )

    def declared_rights(self, right: str) -> frozenset["Grant"]:
        """Return the declared grants of a right, such as the right to send on behalf."""
        return frozenset(
            Grant(entry.mailbox.lower(), trustee.lower())
            for entry in self.declared
            for trustee in {SEND_AS: entry.send_as, FULL_ACCESS: entry.full_access, ON_BEHALF: entry.on_behalf}[right]
        )


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A right that a trustee has to a mailbox. The trustee is an address, or a name if the service shows no address."""

    mailbox: str
    trustee: str

    def __str__(self) -> str:
        return f"{self.trustee} to {self.mailbox}"


_AS_DECLARED = ReasonCode(
    "rights_as_declared",
    admin="{count} rights, all of them declared",
    governor="the school has agreed to every right to another mailbox",
)
_UNDECLARED = ReasonCode(
    "rights_undeclared",
    admin="{undeclared} rights are not declared. Declare them, or remove them in the Exchange admin centre",
    governor="the school has not agreed to {undeclared} rights to other mailboxes",
)
_MISSING = ReasonCode(
    "rights_missing",
    admin="{missing} declared rights are missing",
    governor="{missing} agreed rights are not set up",
)
_UNREAD = ReasonCode(
    "rights_unread",
    admin="{count} mailboxes could not be read: {why}",
    governor="some mailboxes could not be read",
)
_LISTED = ReasonCode("rights_listed", admin="; these are {which}", governor="")
_NO_LEFT_OVERS = same_words("rights_of_nobody_left", "no deleted account still has a right")
_LEFT_OVERS = ReasonCode(
    "rights_of_deleted_accounts",
    admin="{count} rights are left over from deleted accounts. Remove them",
    governor="{count} rights are left over from deleted accounts",
)
_NO_SIGN_IN = ReasonCode(
    "shared_mailboxes_closed",
    admin="no one can sign in directly to any of {mailboxes} shared mailboxes",
    governor="no one can sign in to a shared mailbox directly",
)
_SIGN_IN = ReasonCode(
    "shared_mailboxes_open",
    admin="{open} shared mailboxes allow direct sign-in. Block sign-in for their accounts",
    governor="{open} shared mailboxes allow direct sign-in, which does not show who signed in",
)


class RightCounts(Measurement):
    """Counts of rights to other mailboxes: granted, undeclared and missing."""

    rights: int
    undeclared: int
    missing: int
    unread: int


class LeftOverRights(Measurement):
    """The number of rights that deleted accounts still have."""

    left_over: int
    unread: int


class SharedSignIns(Measurement):
    """Counts of shared mailboxes, in total and with an account that is allowed to sign in."""

    mailboxes: int
    open: int


def compare_rights(
    right: str, settings: SendAsDelegation, granted: Collection[Grant], unread: Sequence[str] = ()
) -> Finding:
    """Return the finding that compares granted with declared rights.

    It does not pass if a mailbox could not be read.
    """
    declared, rights = settings.declared_rights(right), frozenset(granted)
    undeclared, missing = rights - declared, declared - rights
    measurement = RightCounts(rights=len(rights), undeclared=len(undeclared), missing=len(missing), unread=len(unread))
    facts: Facts = {}
    gaps = [
        *([_UNDECLARED(undeclared=Share(len(undeclared), len(rights), amiss=True))] if undeclared else []),
        *([_MISSING(missing=Share(len(missing), len(declared), amiss=True))] if missing and not unread else []),
    ]
    doubts = [_UNREAD(count=Things(len(unread)), why=unread[0])] if unread else []
    if not gaps and not doubts:
        return Finding(right, Status.PASS, _AS_DECLARED(count=Things(len(rights))), measurement=measurement)
    first, *others = (*gaps, *doubts)
    reason = _join_reasons(first, others)
    if settings.names == "listed" and gaps:
        amiss = sorted(map(str, undeclared | (frozenset() if unread else missing)))
        facts = {"names": amiss}
        reason = reason.then(_LISTED(which=", ".join(amiss)))
    return Finding(right, Status.FAIL if gaps else Status.UNKNOWN, reason, facts, measurement=measurement)


def deleted_accounts_finding(count: int, unread: Sequence[str] = ()) -> Finding:
    """Return the finding about rights of deleted accounts. It does not pass if a mailbox could not be read."""
    measurement = LeftOverRights(left_over=count, unread=len(unread))
    if unread and not count:
        reason = _UNREAD(count=Things(len(unread)), why=unread[0])
        return Finding(LEFT_OVER, Status.UNKNOWN, reason, measurement=measurement)
    reason = _LEFT_OVERS(count=Things(count)) if count else _NO_LEFT_OVERS()
    return Finding(LEFT_OVER, Status.FAIL if count else Status.PASS, reason, measurement=measurement)


def shared_sign_in_finding(mailboxes: int, enabled: int) -> Finding:
    """Return the finding about shared mailboxes whose account is allowed to sign in."""
    measurement = SharedSignIns(mailboxes=mailboxes, open=enabled)
    if not enabled:
        reason = _NO_SIGN_IN(mailboxes=Things(mailboxes))
        return Finding(SHARED_SIGN_IN, Status.PASS, reason, measurement=measurement)
    reason = _SIGN_IN(open=Things(enabled, mailboxes))
    return Finding(SHARED_SIGN_IN, Status.FAIL, reason, measurement=measurement)


_AND = same_words("rights_and", "; {also}")


def _join_reasons(first: Reason, others: Sequence[Reason]) -> Reason:
    for other in others:
        first = first.then(_AND(also=other))
    return first


CONTROLS = (
    Control(
        name="mail.sendas_delegation",
        title="Rights to open or use another mailbox",
        clauses=("SEC-04", "GEN-11"),
        settings=SendAsDelegation,
        asks=("protected_mailboxes",),
    ),
)

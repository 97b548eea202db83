"""Reads and changes the mailing lists of a tenant: static lists, dynamic lists, and Microsoft 365 groups."""

from collections.abc import Collection, Mapping, Sequence

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.recipients import Recipient, RecipientIndex
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, Refused, RequestFailed, answered
from toolkit.records import dataclass
from toolkit.sdk import FixedObjects, ReadScope, Remote, Unreadable, text
from toolkit.values import Body, Json

NOUNS: Mapping[str, str] = {
    "mailuniversaldistributiongroup": "DistributionGroup",
    "mailuniversalsecuritygroup": "DistributionGroup",
    "mailnonuniversalgroup": "DistributionGroup",
    "roomlist": "DistributionGroup",
    "dynamicdistributiongroup": "DynamicDistributionGroup",
    "groupmailbox": "UnifiedGroup",
}
"""The cmdlets of each type of list, by RecipientTypeDetails."""

MODERATORS, BYPASS = "ModeratedBy", "BypassModerationFromSendersOrMembers"
ACCEPTED = "AcceptMessagesOnlyFromSendersOrMembers"
REFUSED, BCC_BLOCKED = "RejectMessagesFromSendersOrMembers", "BccBlocked"
_PEOPLE = (MODERATORS, BYPASS, ACCEPTED, REFUSED)
TYPE, SYNCED = "RecipientTypeDetails", "IsDirSynced"
_SHOWN = ("ModerationEnabled", "RequireSenderAuthenticationEnabled", "SendModerationNotifications", SYNCED, BCC_BLOCKED)


@dataclass(frozen=True, slots=True)
class ShownList:
    """A mailing list in the response of its cmdlet."""

    recipient: Recipient
    answer: Sequence[Body] | RequestFailed

    def row(self) -> Body:
        """Return the row of this list.

        Raise BadAnswer if Exchange returned all lists, as it does for an unknown name.
        """
        rows = [row for row in answered(self.answer) if text(row.get("Guid")).lower() == self.recipient.guid]
        if len(rows) != 1:
            raise BadAnswer(f"Exchange returned {len(answered(self.answer))} lists instead of only this list")
        return rows[0]


def read_lists(via: Microsoft365, names: Collection[str] | None) -> Sequence[ShownList]:
    """Read the lists with these addresses, ten in a request. If `names` is None, read every list of the tenant."""
    lists = [
        listed
        for listed in via.recipients.read().every
        if listed.kind in NOUNS and (names is None or listed.address in names)
    ]
    answers = via.exchange.run_many(
        [Command(f"Get-{NOUNS[listed.kind]}", {"Identity": listed.guid}) for listed in lists]
    )
    return [ShownList(recipient, answer) for recipient, answer in zip(lists, answers, strict=True)]


class MailingLists(FixedObjects):
    """The tenant's mailing lists: static lists, dynamic lists, and Microsoft 365 groups. A list's id is its Guid."""

    none_created = "there is no mailing list {name}, and toolkit does not create lists. Write a list's primary address"
    none_deleted = "toolkit does not delete the mailing list {name}"

    def read(self, via: Microsoft365, selection: ReadScope) -> Sequence[Remote | Unreadable]:
        names = getattr(selection, "names", None)
        shown = read_lists(via, names)
        errors = [mailing_list.answer for mailing_list in shown if isinstance(mailing_list.answer, RequestFailed)]
        if errors and len(errors) == len(shown):
            raise errors[0]
        index = via.recipients.read()
        return [_to_remote(mailing_list, index) for mailing_list in shown]

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        noun = NOUNS[str(remote.body[TYPE]).lower()]
        # The app is not a manager of the lists that it changes.
        check: Body = {"BypassSecurityGroupManagerCheck": True} if noun == "DistributionGroup" else {}
        try:
            via.exchange.change(f"Set-{noun}", {"Identity": remote.id, **check, **body})
        except Refused as error:
            if noun != "UnifiedGroup":
                raise
            raise Refused(
                f"{error}. Microsoft does not document that an app may change a Microsoft 365 group. Change it in the "
                "Exchange admin centre, under Recipients > Groups"
            ) from error


def _to_remote(shown: ShownList, index: RecipientIndex) -> Remote | Unreadable:
    recipient = shown.recipient
    try:
        row = shown.row()
        people: dict[str, Json] = {key: [*index.addresses(row.get(key))] for key in _PEOPLE}
    except RequestFailed as error:
        return Unreadable(recipient.guid, recipient.address, str(error))
    body = {**{key: row.get(key) for key in _SHOWN}, **people, TYPE: recipient.kind}
    return Remote(recipient.guid, recipient.address, body)

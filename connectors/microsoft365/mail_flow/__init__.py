"""The mail flow of Exchange Online, to predict the result of a message.

A message meets the connection filter and the malware policies first. Then Exchange resolves the recipients, which
decides who may write to a list, and applies the mail rules. The spam policies follow.

Follows https://learn.microsoft.com/defender-office-365/eop-about and
https://learn.microsoft.com/exchange/mail-flow/transport-pipeline
"""

from collections.abc import Mapping, Sequence

from connectors.microsoft365.kinds.list_moderation.mailing_lists import NOUNS
from connectors.microsoft365.mail_flow import filters, forwarding, notes, policy_objects
from connectors.microsoft365.mail_flow.directory import read_mail_directory
from connectors.microsoft365.mail_flow.managers import add_managers
from connectors.microsoft365.mail_flow.transport_rules import KIND as TRANSPORT_RULE
from connectors.microsoft365.mail_flow.transport_rules import named_groups as groups_in_rules
from connectors.microsoft365.mail_flow.transport_rules import transport_rules
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import MailFacts, MailFlow, MailObject, MailStage, NotRead


def _stages(facts: MailFacts) -> Sequence[MailStage]:
    return [
        MailStage("connection filter", (*filters.connection_filter(facts), *filters.direct_send(facts))),
        MailStage("malware policy", tuple(filters.malware_filter(facts))),
        MailStage("mailing list", tuple(filters.posting_rules(facts)), for_lists=True),
        MailStage("mail rules", tuple(transport_rules(facts))),
        MailStage("forwarding", tuple(forwarding.forwarding_rules(facts))),
        MailStage("spam policy", tuple(forwarding.spam_rules(facts))),
        MailStage("afterwards", tuple(notes.notes(facts))),
    ]


def _named_groups(objects: Mapping[str, Sequence[MailObject]]) -> frozenset[str]:
    lists = filters.people_of_lists(objects.get(policy_objects.LISTS, ()))
    return groups_in_rules(objects.get(TRANSPORT_RULE, ())) | lists


def _find_lists(via: Microsoft365, recipients: Sequence[str]) -> frozenset[str]:
    """Return the mailing lists among the recipients of messages."""
    index = via.recipients.read()
    matches = [index.find(address) for address in recipients]
    return frozenset(recipient.address for recipient in matches if recipient and recipient.kind in NOUNS)


_DIRECT_SEND = frozenset({"direct_send"})

MAIL_FLOW: MailFlow[Microsoft365] = MailFlow(
    kinds=(
        policy_objects.CONNECTION,
        policy_objects.ORGANISATION,
        policy_objects.MALWARE,
        policy_objects.SAFE_FILES,
        policy_objects.LISTS,
        TRANSPORT_RULE,
        policy_objects.REMOTE,
        policy_objects.OUTBOUND,
        policy_objects.SPAM,
        policy_objects.TAG,
        policy_objects.RETENTION,
    ),
    names={policy_objects.LISTS: _find_lists, policy_objects.ORGANISATION: lambda _via, _recipients: _DIRECT_SEND},
    named_groups=_named_groups,
    read_directory=read_mail_directory,
    complete_directory=lambda via, directory, objects, people: add_managers(
        via, directory, objects.get(TRANSPORT_RULE, ()), people
    ),
    stages=_stages,
    not_read=(
        NotRead("data loss prevention policies", "Purview portal > Data loss prevention > Policies"),
        NotRead(
            "who may write to a single mailbox, its forwarding, its own rules and its limit of recipients",
            "Exchange admin centre > Mailboxes",
        ),
        NotRead("connectors that accept only some servers", "Exchange admin centre > Mail flow > Connectors"),
        NotRead("blocked senders and files", "Defender portal > Tenant Allow/Block List"),
    ),
)

"""The mail flow of Exchange Online, for predicting what happens to a message.

The order follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined and
https://learn.microsoft.com/exchange/mail-flow-best-practices/mail-flow-best-practices
"""

from collections.abc import Mapping, Sequence

from connectors.microsoft365.mail_flow.directory import read_mail_directory
from connectors.microsoft365.mail_flow.transport_rules import KIND as TRANSPORT_RULE
from connectors.microsoft365.mail_flow.transport_rules import named_groups as groups_in_rules
from connectors.microsoft365.mail_flow.transport_rules import transport_rules
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import MailFacts, MailFlow, MailObject, MailStage, NotRead


def _stages(facts: MailFacts) -> Sequence[MailStage]:
    return [MailStage("mail rules", tuple(transport_rules(facts)))]


def _named_groups(objects: Mapping[str, Sequence[MailObject]]) -> frozenset[str]:
    return groups_in_rules(objects.get(TRANSPORT_RULE, ()))


MAIL_FLOW: MailFlow[Microsoft365] = MailFlow(
    kinds=(TRANSPORT_RULE,),
    named_groups=_named_groups,
    read_directory=read_mail_directory,
    stages=_stages,
    not_read=(
        NotRead(
            "data loss prevention policies of Microsoft Purview", "Purview portal > Data loss prevention > Policies"
        ),
    ),
)

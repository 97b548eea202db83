"""The mail flow of Gmail, to predict the result of a message.

The rules of the sender's unit come first. Then come the rules of a group, and the rules of the recipient's unit. Google
does not document which of several rules of a unit wins.

Follows https://knowledge.workspace.google.com/admin/gmail/advanced/set-up-rules-for-content-compliance and
https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings
"""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.mail_flow import compliance_rules, group_rules, protection_rules, unit_settings
from connectors.google_workspace.mail_flow.directory import find_groups, read_mail_directory
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import MailFacts, MailFlow, MailObject, MailStage, NotRead


def _stages(facts: MailFacts) -> Sequence[MailStage]:
    unread = tuple(unit_settings.unread_rules(facts))
    sending, receiving = (tuple(compliance_rules.compliance_rules(facts, sending=side)) for side in (True, False))
    return [
        MailStage("setting of the unit", tuple(unit_settings.forwarding_rules(facts))),
        MailStage("data protection rule", tuple(protection_rules.rules(facts, "gmail.email.v1.send")), is_joint=True),
        MailStage("compliance rule", (*unread, *sending), is_joint=True),
        MailStage("group", tuple(group_rules.posting_rules(facts)), for_lists=True),
        MailStage("setting of the unit", tuple(unit_settings.unit_rules(facts))),
        MailStage("blocked senders", tuple(unit_settings.blocked_senders(facts)), is_joint=True),
        MailStage("compliance rule", receiving, is_joint=True),
        MailStage(
            "data protection rule", tuple(protection_rules.rules(facts, "gmail.email.v1.receive")), is_joint=True
        ),
    ]


def _named_groups(objects: Mapping[str, Sequence[MailObject]]) -> frozenset[str]:
    return group_rules.named_groups(objects.get(group_rules.KIND, ()))


def _settings_of_units(via: GoogleWorkspace, _recipients: Sequence[str]) -> frozenset[str]:
    units = via.units.all()
    return frozenset(
        f"{name} @ {unit}" for name in (*unit_settings.SETTINGS, *compliance_rules.SETTINGS) for unit in units
    )


MAIL_FLOW: MailFlow[GoogleWorkspace] = MailFlow(
    kinds=(unit_settings.KIND, protection_rules.RULE, protection_rules.DETECTOR, group_rules.KIND),
    names={
        unit_settings.KIND: _settings_of_units,
        group_rules.KIND: find_groups,
    },
    named_groups=_named_groups,
    read_directory=read_mail_directory,
    stages=_stages,
    not_read=(
        NotRead(
            "routing rules, and to whom people may write (Restrict delivery)",
            "Admin console > Apps > Google Workspace > Gmail > Compliance, and Routing",
        ),
        NotRead("people's own filters and forwarding", "Gmail > Settings of the person"),
    ),
)

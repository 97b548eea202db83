"""The mail flow of Gmail, to predict the result of a message.

A sender's data protection rules come first, then the settings of the recipient's unit, and the rules of a group.

Follows https://knowledge.workspace.google.com/admin/gmail/advanced/set-up-rules-for-content-compliance and
https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings
"""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.mail_flow import group_rules, protection_rules, unit_settings
from connectors.google_workspace.mail_flow.directory import find_groups, read_mail_directory
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import MailFacts, MailFlow, MailObject, MailStage, NotRead


def _stages(facts: MailFacts) -> Sequence[MailStage]:
    return [
        MailStage("data protection rule", tuple(protection_rules.rules(facts, "gmail.email.v1.send"))),
        MailStage("blocked senders", tuple(unit_settings.blocked_senders(facts))),
        MailStage("compliance rule", tuple(unit_settings.compliance_rules(facts))),
        MailStage("group", tuple(group_rules.posting_rules(facts)), for_lists=True),
        MailStage("data protection rule", tuple(protection_rules.rules(facts, "gmail.email.v1.receive"))),
        MailStage("setting of the unit", tuple(unit_settings.unit_rules(facts))),
    ]


def _named_groups(objects: Mapping[str, Sequence[MailObject]]) -> frozenset[str]:
    return group_rules.named_groups(objects.get(group_rules.KIND, ()))


def _settings_of_units(via: GoogleWorkspace, _recipients: Sequence[str]) -> frozenset[str]:
    units = via.units.all()
    return frozenset(f"{name} @ {unit}" for name in unit_settings.SETTINGS for unit in units)


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
        NotRead("the largest message of a group", "Google Groups > Group settings"),
    ),
)

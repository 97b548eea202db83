"""A school for a week of nights: its playbooks, and the same wishes in the services' own names for the oracle."""

from collections.abc import Mapping
from typing import Any

from tests.cases import playbook, resource

RULES = "exchange.transportRules"
TAGS = "exchange.externalInOutlook"
DOMAINS = "exchange.remoteDomains"
CHROME = "google.chromePolicies"
MAILBOXES = "exchange.mailboxes"
INTUNE = ("intune.deviceConfigurations", "intune.mobileApps", "intune.configurationPolicies")

MARKS: Mapping[str, str] = {
    "Mark office": "[office] ",
    "Mark trips": "[trip] ",
    "Mark suppliers": "[supplier] ",
    "Mark parents": "[parent] ",
    "Mark governors": "[governor] ",
}
"""The subject mark of each mail rule that the playbooks want, in the wanted order."""

TRIP_LEADERS = "trip-leaders@example-primary.example"
RENAMED = "trips@example-primary.example"

BLOCKS = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block: {for: trip_leaders, block: [whatsapp]}
"""


def playbooks() -> Mapping[str, str]:
    """Return the playbooks by file name."""
    rules = [resource("microsoft365.transport_rule", name, {"prepend_subject": mark}) for name, mark in MARKS.items()]
    others = [
        resource("microsoft365.external_in_outlook", "organisation", {"enabled": True}),
        resource("microsoft365.remote_domain", "Default", {"auto_forward_enabled": False}),
        resource(
            "google_workspace.chrome_policy",
            "users.IncognitoMode @ /Staff",
            {"incognito_mode_availability": "UNAVAILABLE"},
        ),
    ]
    return {"10-mail.yaml": playbook(*rules, *others, slug="mail"), "40-chat.yaml": BLOCKS}


def marks_of(objects: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, object]]:
    """Return the wanted rules among the stored rules, in their order, with their subject marks."""
    return [(rule["Name"], rule.get("PrependSubject")) for rule in objects.values() if rule["Name"] in MARKS]

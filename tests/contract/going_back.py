"""A small school with both clouds, the playbooks of the rollback tests, and the objects that they change."""

from collections.abc import Mapping
from typing import Any

from tests.cases import playbook, resource
from tests.contract.rules import STORED, rule
from tests.door import Door

COLLECTIONS = (
    STORED,
    "exchange.externalInOutlook",
    "exchange.outboundSpamPolicies",
    "google.chromePolicies",
    "google.policies",
    "google.groupSettings",
    "gmail.sendAs",
    "intune.deviceConfigurations",
)
STAFF = "amara.ashdown@example-primary.example"

MORE = playbook(
    rule("More"),
    resource("microsoft365.windows_configuration", "More", {"game_dvr_blocked": True}),
    resource("microsoft365.external_in_outlook", "organisation", {"enabled": True}),
    resource("google_workspace.chrome_policy", "users.UrlBlocking @ /Staff", {"url_blocklist": ["signal.org"]}),
    resource("google_workspace.detector", "More", {"unit": "/Staff", "expression": "UPN[0-9]{12}"}),
    resource("google_workspace.signature", STAFF, {"text": "<p>Example Primary School</p>"}),
    slug="more",
)


def objects(door: Door) -> dict[str, Mapping[str, Any]]:
    """Return every object that these playbooks can change, by collection and key."""
    return {f"{name}/{key}": body for name in COLLECTIONS for key, body in door.tenant.objects(name).items()}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}

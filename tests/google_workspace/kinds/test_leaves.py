"""What endpoints and rules of Google's kinds show beside their settings; tests/contract reads them over the wire."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.google_workspace.kinds.dlp_rule import KIND as DLP_RULE
from connectors.google_workspace.kinds.forwarding import KIND as FORWARDING
from connectors.google_workspace.kinds.group_footer import KIND as GROUP_FOOTER
from connectors.google_workspace.kinds.signature import KIND as SIGNATURE
from connectors.google_workspace.kinds.vacation import KIND as VACATION
from tests.leaves import unnoticed_paths

RULE = "setting.value."


def _rule(**value: Any) -> Mapping[str, Any]:
    shown = {
        "displayName": "Trips",
        "state": "ACTIVE",
        "triggers": ["google.workspace.gmail.email.v1.send"],
        "condition": {"contentCondition": "all_content.contains('trip')"},
        "action": {"gmailAction": {"warnUser": {"actionParams": {"applyExternalMessages": True}}}},
        "ruleTypeMetadata": {"dlpRuleMetadata": {"alertSeverity": "LOW"}},
    }
    return {"setting": {"type": "settings/rule.dlp", "value": {**shown, **value}}, "unit": "/"}


_EXTERNAL = {"applyExternalMessages": True}
_ALERT = {"alertCenterConfig": {"severity": "HIGH"}, "recipients": [{"allSuperAdmins": True}, {"group": "heads"}]}


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({}, []),
        ({"condition": {"contentCondition": "a", "scope": "BODY"}}, ["condition.scope"]),
        ({"action": {"voiceAction": {"blockCall": {"hard": True}}}}, ["action.voiceAction.blockCall.hard"]),
        ({"action": {"gmailAction": {"quarantine": {"queue": 3}}}}, ["action.gmailAction.quarantine.queue"]),
        (
            {"action": {"gmailAction": {"blockContent": {}, "auditOnly": {"actionParams": _EXTERNAL}}}},
            ["action.gmailAction.auditOnly.actionParams.applyExternalMessages"],
        ),
        (
            {"action": {"driveAction": {"blockAccess": {"actionParams": {"applyExternalRooms": True}}}}},
            ["action.driveAction.blockAccess.actionParams.applyExternalRooms"],
        ),
        ({"action": {"alertCenterAction": _ALERT}}, []),
        ({"exceptTriggers": ["google.workspace.drive.file.v1.share"]}, ["exceptTriggers"]),
        ({"deleteTime": "2026-01-01T00:00:00Z"}, ["deleteTime"]),
    ],
)
def test_what_a_rule_does_beside_its_settings_is_unknown_and_may_matter(
    value: Mapping[str, Any], paths: Sequence[str]
) -> None:
    body = _rule(**value)

    unknown = DLP_RULE.spec.unknown(body)

    assert [(one.path, one.narrows) for one in unknown] == [(RULE + path, True) for path in paths]
    assert set(unnoticed_paths(DLP_RULE.spec, body)) == set()


def test_two_severities_of_a_rule_are_both_shown() -> None:
    body = _rule(action={"alertCenterAction": _ALERT})

    assert DLP_RULE.spec.observed(body)["alert_severity"] == "LOW and HIGH"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORWARDING, {"autoForwarding": True, "filters": ["a@example.net"], "forwardingAddresses": []}),
        (GROUP_FOOTER, {"includeCustomFooter": "true", "customFooterText": "Sent through a group."}),
        (GROUP_FOOTER, {"includeCustomFooter": "false"}),
        (SIGNATURE, {"sendAs": [{"sendAsEmail": "a@example.org", "notice": "<p>Ours</p>"}]}),
        (SIGNATURE, {"sendAs": [{"sendAsEmail": "a@example.org", "notice": None}]}),
        (
            VACATION,
            {
                "enableAutoReply": True,
                "startTime": "1767225600000",
                "responseSubject": "Away",
                "responseBodyHtml": "<p>Away</p>",
                "restrictToContacts": False,
                "restrictToDomain": True,
            },
        ),
    ],
)
def test_what_endpoints_give_of_people_and_groups_is_noticed_whole(kind: Any, body: Mapping[str, Any]) -> None:
    assert unnoticed_paths(kind.spec, body) == []
    assert list(kind.spec.unknown(body)) == []

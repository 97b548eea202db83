"""Sending mail, and when people were last seen."""

import csv
from io import StringIO
from typing import Any

import pytest

from tests.emulated import Tenant, whole_school
from tests.emulator.outlook import Outlook, refused

REPORT = "/v1.0/reports/getEmailActivityUserDetail"
SEEN = "/v1.0/users?$select=userPrincipalName,signInActivity&$top=999"


@pytest.fixture
def outlook(tenant: Tenant) -> Outlook:
    return Outlook(tenant)


def _message(*addresses: str) -> dict[str, Any]:
    return {
        "subject": "Your automatic reply",
        "body": {"contentType": "HTML", "content": "<p>You are away from Thursday.</p>"},
        "toRecipients": [{"emailAddress": {"address": address}} for address in addresses],
    }


def _rows(tenant: Tenant, wanted: str) -> dict[str, dict[str, str]]:
    answer = tenant.graph(f"{REPORT}({wanted})")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
    return {row["User Principal Name"].partition("@")[0]: row for row in rows}


def test_a_message_that_was_sent_can_be_read_here(outlook: Outlook) -> None:
    body = {"message": _message(outlook.address("beth.birchall")), "saveToSentItems": False}

    answer = outlook.ask("office", "sendMail", method="POST", application="writer", body=body)

    assert (answer.status_code, answer.content) == (202, b"")
    (sent,) = outlook.tenant.objects("outlook.sentMessages").values()
    assert (sent["sender"], sent["saveToSentItems"]) == (outlook.address("office"), False)
    assert sent["message"]["toRecipients"] == body["message"]["toRecipients"]  # type: ignore[index]
    assert sent["sentDateTime"] == "2026-11-10T09:00:00Z"


@pytest.mark.parametrize(
    ("name", "application", "body", "refusal"),
    [
        ("office", "reader", {"message": _message("a@b.example")}, (403, "ErrorAccessDenied")),
        ("office", "writer", {"message": _message()}, (400, "ErrorInvalidRecipients")),
        ("office", "writer", {"message": _message("nobody")}, (400, "ErrorInvalidRecipients")),
        ("office", "writer", {}, (400, "ErrorInvalidRequest")),
        ("office", "writer", {"message": {**_message("a@b.example"), "to": 1}}, (400, "RequestBodyRead")),
        ("breakglass", "writer", {"message": _message("a@b.example")}, (404, "MailboxNotEnabledForRESTAPI")),
    ],
)
def test_a_message_that_cannot_go_is_refused(
    outlook: Outlook, name: str, application: str, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    answer = outlook.ask(name, "sendMail", method="POST", application=application, body=body)

    assert refused(answer) == refusal
    assert outlook.tenant.objects("outlook.sentMessages") == {}


def test_the_use_of_mail_is_told_two_days_late(tenant: Tenant) -> None:
    rows = _rows(tenant, "period='D7'")

    assert rows["amara.ashdown"]["Report Refresh Date"] == "2026-11-08"
    assert rows["amara.ashdown"]["Last Activity Date"] == "2026-11-08"
    assert rows["edwin.elmsworth"]["Last Activity Date"] == "2026-11-04"
    assert rows["orla.oakhanger"]["Last Activity Date"] == "2026-07-17"
    assert rows["lowri.larkfield"]["Last Activity Date"] == ""
    assert "breakglass" not in rows


def test_a_report_is_of_a_day_in_the_last_weeks(tenant: Tenant) -> None:
    assert _rows(tenant, "date=2026-11-02")["amara.ashdown"]["Last Activity Date"] == "2026-11-02"
    assert tenant.graph(f"{REPORT}(date=2026-11-09)").status_code == 400
    assert tenant.graph(f"{REPORT}(period='D8')").status_code == 400


def test_names_are_concealed_where_the_school_left_it_so(tenant: Tenant) -> None:
    tenant.put("outlook.reportSettings", "settings", {"displayConcealedNames": True})

    names = list(_rows(tenant, "period='D7'"))

    assert not any("." in name for name in names)
    assert len(names[0]) == 32


@whole_school
def test_the_last_sign_in_comes_only_to_those_who_ask_for_it(tenant: Tenant) -> None:
    rows = tenant.graph(SEEN).json()["value"]
    seen = {row["userPrincipalName"].partition("@")[0]: row.get("signInActivity") for row in rows}

    assert len(rows) == 120
    assert seen["amara.ashdown"]["lastSignInDateTime"] == "2026-11-09T08:12:00Z"
    assert "signInActivity" not in next(row for row in rows if row["userPrincipalName"].startswith("lowri"))
    assert not any("signInActivity" in row for row in tenant.graph("/v1.0/users").json()["value"])


def test_the_last_sign_in_needs_a_permission_and_a_licence(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["User.Read.All"])
    (organization,) = tenant.objects("organization")

    assert refused(tenant.graph(SEEN)) == (403, "Authentication_MSGraphPermissionMissing")
    tenant.grant("reader", roles=["User.Read.All", "AuditLog.Read.All"])
    tenant.patch("organization", organization, assignedPlans=[])
    assert refused(tenant.graph(SEEN)) == (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")

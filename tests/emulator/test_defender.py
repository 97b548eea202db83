"""Defender for Endpoint: the indicators of a tenant."""

from typing import Any

import jwt
import pytest
from requests import Response

from tests.emulated import HANG, Tenant

DEFENDER = "https://api.securitycenter.microsoft.com"
_OURS = {
    "indicatorValue": "web.whatsapp.com",
    "indicatorType": "DomainName",
    "action": "Block",
    "title": "Chat",
    "description": "unapproved chat",
}


def _ask(
    tenant: Tenant, path: str = "", *, method: str = "GET", application: str = "writer", body: object = None
) -> Response:
    signed = {"Authorization": f"Bearer {tenant.token(DEFENDER, application)}"}
    url = f"{tenant.emulator.url}/api.securitycenter.microsoft.com/api/indicators{path}"
    return tenant.emulator.http.request(method, url, json=body, headers=signed, timeout=HANG)


def _values(tenant: Tenant, path: str = "", application: str = "writer") -> list[str]:
    return [one["indicatorValue"] for one in _ask(tenant, path, application=application).json()["value"]]


def test_a_token_for_defender_carries_its_permissions_alone(tenant: Tenant) -> None:
    claims = jwt.decode(tenant.token(DEFENDER), options={"verify_signature": False})

    assert (claims["aud"], claims["roles"]) == (DEFENDER, ["Ti.ReadWrite.All"])


def test_a_token_for_graph_is_no_good(tenant: Tenant) -> None:
    url = f"{tenant.emulator.url}/api/indicators"

    answer = tenant.emulator.http.get(url, headers={"Authorization": f"Bearer {tenant.token()}"}, timeout=HANG)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Unauthorized")


def test_the_indicators_of_the_trust_are_listed_in_pages(tenant: Tenant) -> None:
    everything = _values(tenant)

    assert everything == ["thepiratebay.org", "crackedgames.example", "203.0.113.66"]
    assert _values(tenant, "?$top=1&$skip=1") == everything[1:2]
    assert _ask(tenant, "?$top=10001").status_code == 400


def test_writing_the_same_value_again_changes_it(tenant: Tenant) -> None:
    tenant.set_now("2026-11-12T10:00:00+00:00")
    first = _ask(tenant, method="POST", body=_OURS).json()
    tenant.set_now("2026-11-13T10:00:00+00:00")

    changed = {**_OURS, "indicatorValue": "WEB.whatsapp.com", "action": "Warn"}
    second = _ask(tenant, method="POST", body=changed).json()

    assert second["id"] == first["id"]
    assert (second["action"], second["severity"], second["sourceType"]) == ("Warn", "Informational", "AadApp")
    assert second["creationTimeDateTimeUtc"] == "2026-11-12T10:00:00Z"
    assert second["lastUpdateTime"] == "2026-11-13T10:00:00Z"
    assert len(_values(tenant)) == 4


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"indicatorValue": ""}, "MissingRequiredParameter"),
        ({"description": None}, "MissingRequiredParameter"),
        ({"indicatorType": "Domain"}, "InvalidInput"),
        ({"action": "BlockAndRemediate"}, "InvalidInput"),
        ({"severity": "Critical"}, "InvalidInput"),
        ({"expirationTime": "tomorrow"}, "InvalidInput"),
        ({"indicatorValue": "*.whatsapp.com"}, "InvalidDomainName"),
        ({"indicatorValue": "https://web.whatsapp.com"}, "InvalidDomainName"),
        ({"indicatorType": "IpAddress", "indicatorValue": "10.0.0.0/8"}, "InvalidIpAddress"),
        ({"indicatorType": "FileSha1", "indicatorValue": "abc"}, "InvalidHashValue"),
        ({"colour": "red"}, "InvalidRequestBody"),
    ],
)
def test_an_indicator_that_is_none_is_refused(tenant: Tenant, changes: dict[str, object], code: str) -> None:
    answer = _ask(tenant, method="POST", body={**_OURS, **changes})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert len(_values(tenant)) == 3


def test_an_import_answers_each_by_itself(tenant: Tenant) -> None:
    wrong = {**_OURS, "indicatorValue": "no domain"}
    given = [_OURS, wrong, {**_OURS, "indicatorValue": "discord.com"}]

    results: list[dict[str, Any]] = _ask(tenant, "/import", method="POST", body={"Indicators": given}).json()["value"]

    assert [one["isFailed"] for one in results] == [False, True, False]
    assert results[1]["indicator"] == "no domain"
    assert _values(tenant)[3:] == ["web.whatsapp.com", "discord.com"]


@pytest.mark.parametrize(("count", "status"), [(500, 200), (501, 400)])
def test_an_import_takes_five_hundred(tenant: Tenant, count: int, status: int) -> None:
    given = [{**_OURS, "indicatorValue": f"host{number}.example"} for number in range(count)]

    answer = _ask(tenant, "/import", method="POST", body={"Indicators": given})

    assert answer.status_code == status


def test_indicators_are_removed_one_by_one(tenant: Tenant) -> None:
    one = _ask(tenant, "/1", method="DELETE")
    again = _ask(tenant, "/1", method="DELETE")
    rest = [_ask(tenant, f"/{key}", method="DELETE") for key in (2, 3)]

    assert [answer.status_code for answer in (one, again, *rest)] == [204, 404, 204, 204]
    assert _values(tenant) == []


def test_the_lesser_permission_reaches_what_the_application_wrote(tenant: Tenant) -> None:
    tenant.grant("writer", roles=["Ti.ReadWrite"])
    _ask(tenant, method="POST", body=_OURS)

    foreign = _ask(tenant, method="POST", body={**_OURS, "indicatorValue": "thepiratebay.org"})

    assert _values(tenant) == ["web.whatsapp.com"]
    assert len(_values(tenant, application="reader")) == 4
    assert (foreign.status_code, _ask(tenant, "/1", method="DELETE").status_code) == (403, 404)


def test_without_a_permission_nothing_is_told(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["Policy.Read.All"])

    answer = _ask(tenant, application="reader")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Forbidden")


def test_faults_are_worded_as_defender_words_them(tenant: Tenant) -> None:
    tenant.fault("throttled", "GET /api/indicators", seconds=7)

    answer = _ask(tenant)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"]["code"] == "TooManyRequests"


def test_half_a_list_leads_on_to_nothing(tenant: Tenant) -> None:
    tenant.fault("truncated", "GET /api/indicators")

    page = _ask(tenant).json()

    assert len(page["value"]) == 1
    assert "@odata.nextLink" in page

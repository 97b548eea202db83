"""Signing in at the emulated Microsoft Entra."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from tests.emulated import EXCHANGE, GRAPH, HANG, Emulator, Tenant


def _form(tenant: Tenant, **changes: str) -> dict[str, str]:
    scope = f"{GRAPH}/.default"
    return {"grant_type": "client_credentials", "scope": scope, **tenant.applications["writer"], **changes}


def test_a_token_says_who_may_do_what_where(tenant: Tenant) -> None:
    keys = tenant.emulator.http.get(
        f"{tenant.emulator.url}/{tenant.tenant_id}/discovery/v2.0/keys", timeout=HANG
    ).json()
    key = jwt.PyJWK(keys["keys"][0])

    claims = jwt.decode(tenant.token(GRAPH), key.key, algorithms=["RS256"], audience=GRAPH)

    assert claims["tid"] == tenant.tenant_id
    assert claims["app_displayname"] == "toolkit writer"
    assert claims["appid"] == tenant.applications["writer"]["client_id"]
    assert {"Organization.Read.All", "DeviceManagementConfiguration.ReadWrite.All"} < set(claims["roles"])
    assert not {"Exchange.ManageAsApp", "Ti.ReadWrite.All"} & set(claims["roles"])
    assert claims["exp"] - claims["iat"] == 3599


def test_a_permission_belongs_to_the_token_of_its_own_resource(tenant: Tenant) -> None:
    claims = jwt.decode(tenant.token(EXCHANGE), options={"verify_signature": False})

    assert claims["aud"] == EXCHANGE
    assert claims["roles"] == ["Exchange.ManageAsApp"]


def test_a_tenant_may_be_named_by_its_domain(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(school={"domain": "other-primary.example"})
    url = f"{emulator.url}/login.microsoftonline.com/other-primary.example/v2.0/.well-known/openid-configuration"

    told = emulator.http.get(url, timeout=HANG).json()

    root = f"{emulator.url}/login.microsoftonline.com/{tenant.tenant_id}"
    assert told["token_endpoint"] == f"{root}/oauth2/v2.0/token"
    assert told["issuer"] == f"{root}/v2.0"


def test_discovery_of_version_1_names_the_tenant_of_a_domain(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(school={"domain": "third-primary.example"})
    url = f"{emulator.url}/login.microsoftonline.com/third-primary.example/.well-known/openid-configuration"

    told = emulator.http.get(url, timeout=HANG).json()
    tenant.close()

    assert told["issuer"] == f"https://sts.windows.net/{tenant.tenant_id}/"


def test_claims_are_accepted(tenant: Tenant) -> None:
    assert tenant.sign_in(_form(tenant, claims='{"access_token":{"xms_cc":{"values":["cp1"]}}}')).ok


@pytest.mark.parametrize(
    ("changes", "status", "error", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "00000000-0000-0000-0000-000000000001"}, 400, "unauthorized_client", 700016),
        ({"scope": "User.Read.All"}, 400, "invalid_scope", 1002012),
        ({"scope": "https://nobody.example/.default"}, 400, "invalid_resource", 500011),
        ({"scope": ""}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"client_assertion": "no assertion"}, 401, "invalid_client", 700027),
    ],
)
def test_a_sign_in_is_refused_in_the_words_of_entra(
    tenant: Tenant, changes: dict[str, str], status: int, error: str, code: int
) -> None:
    answer = tenant.sign_in(_form(tenant, **changes))

    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["error_codes"] == [code]
    assert answer.json()["error_description"].startswith(f"AADSTS{code}: ")


def test_a_tenant_that_is_not_there_is_not_found(tenant: Tenant) -> None:
    nowhere = "00000000-0000-0000-0000-000000000002"
    url = f"{tenant.emulator.url}/{nowhere}/oauth2/v2.0/token"

    answer = tenant.emulator.http.post(url, data=_form(tenant), timeout=HANG)

    assert answer.json()["error_codes"] == [90002]
    assert f"Tenant '{nowhere}' not found." in answer.json()["error_description"]


def test_a_secret_expires_by_the_clock_on_the_wall(tenant: Tenant) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    tenant.control("PUT", "/applications/writer", {"secret_expires": yesterday.isoformat()})

    assert tenant.sign_in(_form(tenant)).json()["error_codes"] == [7000222]


def test_an_application_can_be_made_and_granted_something(tenant: Tenant) -> None:
    made = tenant.control("PUT", "/applications/monitor", {"roles": ["Domain.Read.All"]})

    answer = tenant.sign_in(_form(tenant, client_id=made["client_id"], client_secret=made["client_secret"]))

    claims = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert claims["roles"] == ["Domain.Read.All"]

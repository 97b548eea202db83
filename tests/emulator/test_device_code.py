"""Signing in with a code: the program waits, and one of two people says who it is."""

import time
from collections.abc import Callable
from typing import Any, cast

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DeviceCodeCredential
from msal import PublicClientApplication  # type: ignore[import-untyped]
from requests import Response

from tests.emulated import EXCHANGE, GRAPH, HANG, Tenant

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
MANAGER, DEPUTY = "edwin.elmsworth", "beth.birchall"


def _sign_in(tenant: Tenant) -> dict[str, Any]:
    return cast("dict[str, Any]", tenant.told["microsoft365"]["sign_in"])


def _begin(tenant: Tenant, **changes: str) -> Response:
    form = {"client_id": _sign_in(tenant)["client_id"], "scope": "openid profile", **changes}
    url = f"{tenant.emulator.url}/{tenant.tenant_id}/oauth2/v2.0/devicecode"
    return tenant.emulator.http.post(url, data=form, timeout=HANG)


def _type(tenant: Tenant, begun: dict[str, Any], name: str, **more: str) -> Response:
    form = {"user_code": begun["user_code"], "login": f"{name}@{tenant.domain}", **more}
    return tenant.emulator.http.post(begun["verification_uri"], data=form, timeout=HANG)


def _redeem(tenant: Tenant, begun: dict[str, Any], **changes: str) -> Response:
    client_id = _sign_in(tenant)["client_id"]
    form = {"grant_type": GRANT, "client_id": client_id, "device_code": begun["device_code"], **changes}
    return tenant.sign_in(form)


def _refused(answer: Response) -> tuple[int, str, int]:
    said = answer.json()
    return answer.status_code, said["error"], said["error_codes"][0]


def _credential(tenant: Tenant, prompt: Callable[[str, str, Any], None]) -> DeviceCodeCredential:
    return DeviceCodeCredential(
        _sign_in(tenant)["client_id"], tenant_id=tenant.tenant_id, authority=tenant.emulator.url,
        connection_verify=tenant.emulator.ca_file, disable_instance_discovery=True, prompt_callback=prompt,
    )  # fmt: skip


def test_two_people_may_sign_in(tenant: Tenant) -> None:
    posts = {user["userPrincipalName"]: user["jobTitle"] for user in tenant.objects("users").values()}

    people = _sign_in(tenant)["people"]

    assert people == [f"{MANAGER}@{tenant.domain}", f"{DEPUTY}@{tenant.domain}"]
    assert [posts[address] for address in people] == ["School Business Manager", "Deputy Head Teacher"]


@pytest.mark.parametrize("name", [MANAGER, DEPUTY])
def test_the_vendor_s_credential_signs_a_person_in(tenant: Tenant, name: str) -> None:
    def typed(place: str, code: str, _expires: Any) -> None:
        answer = _type(tenant, {"verification_uri": place, "user_code": code}, name)
        assert answer.ok, answer.text

    with _credential(tenant, typed) as credential:
        record = credential.authenticate(scopes=["User.Read"])

    assert record.username == f"{name}@{tenant.domain}"
    assert record.tenant_id == tenant.tenant_id
    user = tenant.objects("users")[record.home_account_id.partition(".")[0]]
    assert user["userPrincipalName"] == record.username


def test_the_vendor_s_credential_hears_that_somebody_else_is_blocked(tenant: Tenant) -> None:
    def typed(place: str, code: str, _expires: Any) -> None:
        _type(tenant, {"verification_uri": place, "user_code": code}, "amara.ashdown")

    with (
        _credential(tenant, typed) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS50105"),
    ):
        credential.authenticate(scopes=["User.Read"])


def test_msal_waits_until_somebody_has_typed_the_code(tenant: Tenant) -> None:
    tenant.put("entra.deviceCodeSettings", "settings", {"interval": 1})
    application = PublicClientApplication(
        _sign_in(tenant)["client_id"], authority=f"{tenant.emulator.url}/{tenant.tenant_id}",
        instance_discovery=False, http_client=tenant.emulator.http,
    )  # fmt: skip
    flow = application.initiate_device_flow(scopes=["User.Read"])
    asked = 0

    def enough(_flow: dict[str, Any]) -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            _type(tenant, flow, MANAGER)
        return False

    told = application.acquire_token_by_device_flow(flow, exit_condition=enough)

    claims = told["id_token_claims"]
    assert claims["preferred_username"] == f"{MANAGER}@{tenant.domain}"
    assert (claims["tid"], claims["oid"] in tenant.objects("users")) == (tenant.tenant_id, True)


def test_the_id_token_is_signed_by_the_published_key(tenant: Tenant) -> None:
    begun = _begin(tenant).json()
    _type(tenant, begun, MANAGER)
    keys = tenant.emulator.http.get(
        f"{tenant.emulator.url}/{tenant.tenant_id}/discovery/v2.0/keys", timeout=HANG
    ).json()

    token = _redeem(tenant, begun).json()["id_token"]

    audience = _sign_in(tenant)["client_id"]
    claims = jwt.decode(token, jwt.PyJWK(keys["keys"][0]).key, algorithms=["RS256"], audience=audience)
    assert claims["name"] == "Edwin Elmsworth"


def test_a_code_that_nobody_has_typed_is_pending(tenant: Tenant) -> None:
    begun = _begin(tenant).json()

    assert _refused(_redeem(tenant, begun)) == (400, "authorization_pending", 70016)
    assert (begun["interval"], begun["expires_in"]) == (5, 900)
    assert begun["user_code"] in begun["message"]


def test_a_code_is_redeemed_once(tenant: Tenant) -> None:
    begun = _begin(tenant).json()
    _type(tenant, begun, MANAGER)

    first, second = _redeem(tenant, begun), _redeem(tenant, begun)

    assert first.ok
    assert _refused(second) == (400, "bad_verification_code", 70018)


def test_somebody_else_is_denied_for_good(tenant: Tenant) -> None:
    begun = _begin(tenant).json()

    answer = _type(tenant, begun, "amara.ashdown")
    again = _type(tenant, begun, MANAGER)

    assert (answer.status_code, "AADSTS50105" in answer.text, again.status_code) == (403, True, 400)
    assert _refused(_redeem(tenant, begun)) == (400, "access_denied", 50105)


def test_a_person_may_decline(tenant: Tenant) -> None:
    begun = _begin(tenant).json()

    _type(tenant, begun, MANAGER, cancel="1")

    assert _refused(_redeem(tenant, begun)) == (400, "authorization_declined", 65004)


@pytest.mark.parametrize(("name", "code"), [("nobody", 50034), ("gethin.leaver", 50057)])
def test_an_account_that_cannot_sign_in_leaves_the_code_open(tenant: Tenant, name: str, code: int) -> None:
    begun = _begin(tenant).json()

    answer = _type(tenant, begun, name)

    assert (answer.status_code, f"AADSTS{code}" in answer.text) == (400, True)
    assert _refused(_redeem(tenant, begun))[1] == "authorization_pending"


def test_a_code_expires_by_the_clock_on_the_wall(tenant: Tenant) -> None:
    begun = _begin(tenant).json()
    tenant.patch("entra.deviceCodes", begun["user_code"], expires=time.time() - 1)

    answer = _type(tenant, begun, MANAGER)

    assert (answer.status_code, "AADSTS70019" in answer.text) == (400, True)
    assert _refused(_redeem(tenant, begun)) == (400, "expired_token", 70019)


def test_a_code_is_good_for_the_program_that_asked_for_it_alone(tenant: Tenant) -> None:
    begun = _begin(tenant).json()
    _type(tenant, begun, MANAGER)
    writer = tenant.applications["writer"]["client_id"]

    assert _refused(_redeem(tenant, begun, client_id=writer)) == (401, "invalid_client", 7000218)


def test_the_application_without_a_secret_cannot_sign_in_for_itself(tenant: Tenant) -> None:
    form = {
        "grant_type": "client_credentials",
        "scope": f"{GRAPH}/.default",
        "client_id": _sign_in(tenant)["client_id"],
        "client_secret": "None",
    }

    assert _refused(tenant.sign_in(form)) == (401, "invalid_client", 700025)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"scope": ""}, "invalid_request", 900144),
        ({"client_id": ""}, "invalid_request", 900144),
        ({"client_id": "00000000-0000-0000-0000-000000000001"}, "unauthorized_client", 700016),
        ({"scope": "https://nobody.example/.default"}, "invalid_resource", 500011),
        ({"scope": f"{GRAPH}/User.Read {EXCHANGE}/.default"}, "invalid_scope", 1002012),
    ],
)
def test_a_code_that_makes_no_sense_is_not_given(
    tenant: Tenant, changes: dict[str, str], error: str, code: int
) -> None:
    assert _refused(_begin(tenant, **changes)) == (400, error, code)


def test_the_token_of_a_person_opens_nothing(tenant: Tenant) -> None:
    begun = _begin(tenant, scope=f"{GRAPH}/User.Read").json()
    _type(tenant, begun, MANAGER)
    token = _redeem(tenant, begun).json()["access_token"]
    signed = {"Authorization": f"Bearer {token}"}

    answer = tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/users", headers=signed, timeout=HANG)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_the_page_of_the_verification_asks_for_code_and_address(tenant: Tenant) -> None:
    page = tenant.emulator.http.get(_begin(tenant).json()["verification_uri"], timeout=HANG)

    assert page.headers["Content-Type"].startswith("text/html")
    assert ('name="user_code"' in page.text, 'name="login"' in page.text) == (True, True)

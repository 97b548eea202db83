"""Signing in in a browser: the program listens on this computer, and one of two people says who it is."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from msal import PublicClientApplication  # type: ignore[import-untyped]
from requests import Response

from tests.emulated import EXCHANGE, GRAPH, HANG, Tenant

MANAGER, DEPUTY = "edwin.elmsworth", "beth.birchall"
BACK = "http://localhost:49152"
VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"  # of the verifier, by S256
CODES = "entra.authorizationCodes"


def _sign_in(tenant: Tenant) -> dict[str, Any]:
    return cast("dict[str, Any]", tenant.description["microsoft365"]["sign_in"])


def _visit(tenant: Tenant, name: str | None, **changes: str | None) -> Response:
    login = {"login_hint": f"{name}@{tenant.domain}"} if name else {}
    asked = {
        "client_id": _sign_in(tenant)["client_id"], "response_type": "code", "redirect_uri": BACK, "nonce": "n",
        "scope": "openid profile", "state": "s", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        **login, **changes,
    }  # fmt: skip
    url = f"{tenant.emulator.url}/{tenant.tenant_id}/oauth2/v2.0/authorize"
    params = {key: value for key, value in asked.items() if value is not None}
    return tenant.emulator.http.get(url, params=params, allow_redirects=False, timeout=HANG)


def _brought(answer: Response) -> Mapping[str, str]:
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def _redeem(tenant: Tenant, code: str, **changes: str | None) -> Response:
    form = {
        "grant_type": "authorization_code", "client_id": _sign_in(tenant)["client_id"], "code": code,
        "redirect_uri": BACK, "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    return tenant.sign_in({key: value for key, value in form.items() if value is not None})


def _refused(answer: Response) -> tuple[int, str, int]:
    said = answer.json()
    return answer.status_code, said["error"], said["error_codes"][0]


def test_two_people_may_sign_in(tenant: Tenant) -> None:
    posts = {user["userPrincipalName"]: user["jobTitle"] for user in tenant.objects("users").values()}

    people = _sign_in(tenant)["people"]

    assert people == [f"{MANAGER}@{tenant.domain}", f"{DEPUTY}@{tenant.domain}"]
    assert [posts[address] for address in people] == ["School Business Manager", "Deputy Head Teacher"]
    page = _visit(tenant, None)
    assert (page.status_code, all(address in page.text for address in people)) == (200, True)


@pytest.mark.parametrize("name", [MANAGER, DEPUTY])
def test_the_vendor_s_library_signs_a_person_in(tenant: Tenant, name: str) -> None:
    application = PublicClientApplication(
        _sign_in(tenant)["client_id"], authority=f"{tenant.emulator.url}/{tenant.tenant_id}",
        instance_discovery=False, http_client=tenant.emulator.http,
    )  # fmt: skip
    with pytest.warns(UserWarning, match="form_post"):
        flow = application.initiate_auth_code_flow(["User.Read"], redirect_uri=BACK)
    hint = f"&login_hint={name}@{tenant.domain}"
    answer = tenant.emulator.http.get(flow["auth_uri"] + hint, allow_redirects=False, timeout=HANG)

    told = application.acquire_token_by_auth_code_flow(flow, dict(_brought(answer)))

    claims = told["id_token_claims"]
    assert claims["preferred_username"] == f"{name}@{tenant.domain}"
    assert (claims["tid"], claims["oid"] in tenant.objects("users")) == (tenant.tenant_id, True)


def test_the_id_token_is_signed_by_the_published_key_and_holds_the_nonce(tenant: Tenant) -> None:
    url = f"{tenant.emulator.url}/{tenant.tenant_id}/discovery/v2.0/keys"
    keys = tenant.emulator.http.get(url, timeout=HANG).json()

    token = _redeem(tenant, _brought(_visit(tenant, MANAGER))["code"]).json()["id_token"]

    key, audience = jwt.PyJWK(keys["keys"][0]).key, _sign_in(tenant)["client_id"]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=audience)
    assert (claims["name"], claims["nonce"]) == ("Edwin Elmsworth", "n")
    assert claims["iss"] == f"https://login.microsoftonline.com/{tenant.tenant_id}/v2.0"


def test_a_code_is_redeemed_once(tenant: Tenant) -> None:
    brought = _brought(_visit(tenant, MANAGER))

    first, second = _redeem(tenant, brought["code"]), _redeem(tenant, brought["code"])

    assert (first.ok, brought["state"]) == (True, "s")
    assert _refused(second) == (400, "invalid_grant", 54005)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"code_verifier": "w" * 43}, (400, "invalid_grant", 501481)),
        ({"code_verifier": None}, (400, "invalid_grant", 501471)),
        ({"redirect_uri": "http://localhost:1"}, (400, "invalid_client", 500112)),
        ({"code": "0.Aother"}, (400, "invalid_grant", 54005)),
        ({"client_id": None}, (400, "invalid_request", 900144)),
        ({"client_id": "99999999-0000-0000-0000-000000000000"}, (400, "unauthorized_client", 700016)),
    ],
)
def test_a_code_that_another_program_brings_is_refused(
    tenant: Tenant, changes: dict[str, str | None], refused: tuple[int, str, int]
) -> None:
    code = _brought(_visit(tenant, MANAGER))["code"]

    assert _refused(_redeem(tenant, **{"code": code, **changes})) == refused  # type: ignore[arg-type]


def test_a_code_expires_by_the_clock_on_the_wall(tenant: Tenant) -> None:
    code = _brought(_visit(tenant, MANAGER))["code"]
    tenant.patch(CODES, code, expires=1)

    assert _refused(_redeem(tenant, code)) == (400, "invalid_grant", 70008)


def test_a_code_is_good_for_the_program_that_asked_for_it_alone(tenant: Tenant) -> None:
    writer = tenant.applications["writer"]["client_id"]
    code = _brought(_visit(tenant, MANAGER))["code"]

    assert _refused(_redeem(tenant, code, client_id=writer)) == (401, "invalid_client", 7000218)


@pytest.mark.parametrize(
    ("name", "changes", "number"),
    [
        ("nobody", {}, 50034),
        ("gethin.leaver", {}, 50057),
        ("amara.ashdown", {}, 50105),
        (MANAGER, {"redirect_uri": "https://elsewhere.example"}, 50011),
        (MANAGER, {"redirect_uri": "http://elsewhere.example"}, 50011),
        (MANAGER, {"redirect_uri": None}, 50011),
        (MANAGER, {"response_type": "token"}, 70005),
        (MANAGER, {"scope": None}, 900144),
        (MANAGER, {"code_challenge_method": "plain"}, 501491),
        (MANAGER, {"scope": f"{GRAPH}/User.Read {EXCHANGE}/EWS"}, 1002012),
    ],
)
def test_a_refusal_is_shown_to_the_person_and_not_sent_on(
    tenant: Tenant, name: str, changes: dict[str, str | None], number: int
) -> None:
    answer = _visit(tenant, name, **changes)

    assert (answer.status_code, f"AADSTS{number}" in answer.text) == (400, True), answer.text
    assert tenant.objects(CODES) == {}


def test_a_person_may_decline(tenant: Tenant) -> None:
    brought = _brought(_visit(tenant, None, cancel="1"))

    assert (brought["error"], brought["error_description"][:11]) == ("access_denied", "AADSTS65004")


def test_no_id_token_comes_where_none_was_asked_for(tenant: Tenant) -> None:
    code = _brought(_visit(tenant, MANAGER, scope="User.Read"))["code"]

    answer = _redeem(tenant, code)

    assert "access_token" in answer.json()
    assert "id_token" not in answer.json()


def test_the_application_without_a_secret_cannot_sign_in_for_itself(tenant: Tenant) -> None:
    form = {
        "grant_type": "client_credentials",
        "scope": f"{GRAPH}/.default",
        "client_id": _sign_in(tenant)["client_id"],
        "client_secret": "None",
    }

    assert _refused(tenant.sign_in(form)) == (401, "invalid_client", 700025)


def test_the_token_of_a_person_opens_nothing(tenant: Tenant) -> None:
    code = _brought(_visit(tenant, MANAGER, scope=f"{GRAPH}/User.Read"))["code"]
    signed = {"Authorization": f"Bearer {_redeem(tenant, code).json()['access_token']}"}

    answer = tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/users", headers=signed, timeout=HANG)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Authorization_RequestDenied")

"""Two people who say who they are: an installed application sends them to Google and gets a code back."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth.transport.requests as transport
import pytest
from google.oauth2 import id_token
from requests import Response

from tests.emulated import HANG
from tests.emulator.google_workspace.asking import Google

VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
REDIRECT = "http://localhost:8765/"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"


def _client(google: Google) -> dict[str, str]:
    return dict(google.description["sign_in_client"]["installed"])


def _people(google: Google) -> list[str]:
    return list(google.description["sign_in_client"]["people"])


def _visit(google: Google, **changes: str) -> Response:
    """Open the page of consent, without following where it leads."""
    asked = {
        "client_id": _client(google)["client_id"], "redirect_uri": REDIRECT, "response_type": "code",
        "scope": f"openid {EMAIL}", "state": "s1", "nonce": "n1", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    url = google.root("accounts.google.com") + "o/oauth2/auth"
    return google.tenant.emulator.http.get(url, params=asked, allow_redirects=False, timeout=HANG)


def _redirect_parameters(answer: Response) -> dict[str, str]:
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECT)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def _exchange(google: Google, code: str, **changes: str) -> Any:
    client = _client(google)
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": client["client_id"],
        "client_secret": client["client_secret"], "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **changes,
    }  # fmt: skip
    url = google.root("oauth2.googleapis.com") + "token"
    return google.tenant.emulator.http.post(url, data=form, timeout=HANG).json()


def test_each_of_the_two_says_who_they_are_and_the_token_proves_genuine(google: Google) -> None:
    request = transport.Request(session=google.tenant.emulator.http)
    certificates = google.root("www.googleapis.com") + "oauth2/v1/certs"
    claims = []
    for address in _people(google):
        told = _redirect_parameters(_visit(google, login_hint=address))
        answer = _exchange(google, told["code"])
        audience = _client(google)["client_id"]
        claims.append(id_token.verify_token(answer["id_token"], request, audience=audience, certs_url=certificates))
        assert told["state"] == "s1"
        assert answer["scope"].split() == [EMAIL, "openid"]

    assert [one["email"] for one in claims] == _people(google)
    assert {one["hd"] for one in claims} == {google.description["domain"]}
    assert {one["nonce"] for one in claims} == {"n1"}
    assert [one["sub"] for one in claims] == [google.person(primaryEmail=one["email"])["id"] for one in claims]


def test_the_two_are_seeded_by_their_posts(google: Google) -> None:
    titles = [google.person(primaryEmail=one)["organizations"][0]["title"] for one in _people(google)]

    assert titles == ["Deputy Head Teacher", "School Business Manager"]


def test_what_such_a_token_is_for_is_no_use_at_the_directory(google: Google) -> None:
    code = _redirect_parameters(_visit(google, login_hint=_people(google)[0]))["code"]
    signed = {"Authorization": f"Bearer {_exchange(google, code)['access_token']}"}

    url = google.root("admin.googleapis.com") + "admin/directory/v1/users?customer=my_customer"
    answer = google.tenant.emulator.http.get(url, headers=signed, timeout=HANG)

    assert answer.status_code == 403
    assert answer.json()["error"]["errors"][0]["reason"] == "insufficientPermissions"


def test_anybody_else_is_refused_where_the_application_listens(google: Google) -> None:
    others = [google.administrator, "nobody@example-primary.example"]

    assert [_redirect_parameters(_visit(google, login_hint=one)) for one in others] == [
        {"error": "access_denied", "state": "s1"}
    ] * 2


def test_somebody_who_is_suspended_is_refused(google: Google) -> None:
    person = google.person(primaryEmail=_people(google)[0])
    google.tenant.patch("google.users", person["id"], suspended=True)

    assert _redirect_parameters(_visit(google, login_hint=person["primaryEmail"]))["error"] == "access_denied"


def test_without_a_hint_the_page_offers_the_two(google: Google) -> None:
    answer = _visit(google)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert all(f'name="login_hint" value="{one}"' in answer.text for one in _people(google))
    assert google.administrator not in answer.text
    assert f'name="code_challenge" value="{CHALLENGE}"' in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"redirect_uri": "https://elsewhere.example/"}, "redirect_uri_mismatch"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "openid https://www.googleapis.com/auth/drive"}, "invalid_scope"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_what_may_not_be_asked_is_shown_and_sent_nowhere(google: Google, changes: dict[str, str], said: str) -> None:
    answer = _visit(google, login_hint=_people(google)[0], **changes)

    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert said in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:1/"}, "redirect_uri_mismatch"),
        ({"client_secret": "other"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"code": "4/other"}, "invalid_grant"),
    ],
)
def test_a_code_is_exchanged_by_whoever_asked_for_it_alone(google: Google, changes: dict[str, str], said: str) -> None:
    code = _redirect_parameters(_visit(google, login_hint=_people(google)[0]))["code"]

    assert _exchange(google, **{"code": code, **changes})["error"] == said


def test_a_client_may_name_itself_in_a_header_as_googles_own_library_does(google: Google) -> None:
    client, code = _client(google), _redirect_parameters(_visit(google, login_hint=_people(google)[0]))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    def exchange(secret: str) -> Any:
        named = (client["client_id"], secret)
        url = google.root("oauth2.googleapis.com") + "token"
        return google.tenant.emulator.http.post(url, data=form, auth=named, timeout=HANG).json()

    assert exchange("other")["error"] == "invalid_client"
    assert "id_token" in exchange(client["client_secret"])


def test_a_code_is_good_once(google: Google) -> None:
    code = _redirect_parameters(_visit(google, login_hint=_people(google)[0]))["code"]

    assert "id_token" in _exchange(google, code)
    assert _exchange(google, code)["error"] == "invalid_grant"


def test_a_code_is_good_for_ten_minutes(google: Google) -> None:
    code = _redirect_parameters(_visit(google, login_hint=_people(google)[0]))["code"]
    google.tenant.patch("google.authorizationCodes", code, expires=1)

    assert _exchange(google, code)["error"] == "invalid_grant"


def test_the_page_is_one_of_its_tenants_requests(google: Google) -> None:
    google.tenant.fault("unavailable", "GET /o/oauth2/v2/auth")

    assert _visit(google, login_hint=_people(google)[0]).status_code == 503

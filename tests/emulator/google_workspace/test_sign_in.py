"""Signing in at the emulated Google with google-auth."""

import time
from typing import Any

import google.auth.transport.requests as transport
import jwt
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2 import credentials as user_credentials
from google.oauth2 import id_token, service_account

from tests.emulated import HANG, Emulator
from tests.emulator.google_workspace.asking import SCOPE, Google, refused

_USERS = "admin.directory.user.readonly"
_NOT_DELEGATED = (
    "unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)


def _request(google: Google) -> transport.Request:
    return transport.Request(session=google.tenant.emulator.http)


def _signed_in(google: Google, *scopes: str, **wanted: Any) -> Any:
    credentials = google.credentials(*scopes, **wanted)
    credentials.refresh(_request(google))
    return credentials


def _refused(google: Google, *scopes: str, **wanted: Any) -> str:
    with pytest.raises(RefreshError) as caught:
        _signed_in(google, *scopes, **wanted)
    return str(caught.value.args[0])


def test_a_service_account_gets_a_token_for_the_administrator(google: Google) -> None:
    credentials = _signed_in(google, _USERS)

    assert credentials.token.startswith("ya29.")
    assert credentials.valid


def test_a_key_is_described_as_the_file_that_the_console_gives(google: Google) -> None:
    key = google.description["service_accounts"]["writer"]
    moved = {**key, "token_uri": google.root("oauth2.googleapis.com") + "token"}
    scopes = [SCOPE + _USERS]

    credentials = service_account.Credentials.from_service_account_info(
        moved, scopes=scopes, subject=google.administrator
    )
    credentials.refresh(_request(google))

    assert key["token_uri"] == "https://oauth2.googleapis.com/token"
    assert credentials.token


def test_one_scope_that_is_not_on_the_delegation_list_fails_the_whole_token(google: Google) -> None:
    assert _refused(google, _USERS, "drive") == _NOT_DELEGATED


def test_a_client_that_is_not_on_the_delegation_list_gets_no_token(google: Google) -> None:
    client_id = google.description["service_accounts"]["writer"]["client_id"]
    google.tenant.delete("google.delegation", client_id)

    assert _refused(google, _USERS) == _NOT_DELEGATED


def test_taking_a_scope_off_the_list_counts_from_the_next_token_on(google: Google) -> None:
    directory = google.directory
    directory.users().list(customer="my_customer").execute()
    client_id = google.description["service_accounts"]["writer"]["client_id"]
    google.tenant.patch("google.delegation", client_id, scopes=[])

    assert directory.users().list(customer="my_customer").execute()["users"]
    assert _refused(google, _USERS) == _NOT_DELEGATED


def test_the_reader_may_not_write(google: Google) -> None:
    assert _refused(google, "admin.directory.user", application="reader") == _NOT_DELEGATED
    assert _signed_in(google, _USERS, "cloud-identity.policies.readonly", application="reader").token


def test_a_subject_that_is_nobody_is_refused(google: Google) -> None:
    nobody = f"nobody@{google.description['domain']}"

    assert _refused(google, _USERS, subject=nobody) == "invalid_grant: Invalid email or User ID"


def test_a_subject_that_was_deleted_is_refused(google: Google) -> None:
    teacher = google.teacher()
    person = google.person(primaryEmail=teacher)
    google.tenant.delete("google.users", person["id"])
    google.tenant.put("google.deletedUsers", person["id"], person)

    assert _refused(google, _USERS, subject=teacher) == "invalid_grant: The account has been deleted"


@pytest.mark.parametrize("state", ["suspended", "archived"])
def test_a_subject_that_cannot_sign_in_is_refused(google: Google, state: str) -> None:
    person = google.person(orgUnitPath="/Staff")
    google.tenant.patch("google.users", person["id"], **{state: True})

    assert _refused(google, _USERS, subject=person["primaryEmail"]) == "access_denied: Account restricted"


def test_a_subject_may_be_named_by_an_alias(google: Google) -> None:
    person = google.person(orgUnitPath="/Staff")
    alias = f"sir@{google.description['domain']}"
    google.tenant.patch("google.users", person["id"], aliases=[alias])
    google.tenant.put("google.addresses", alias, {"id": person["id"]})

    assert _signed_in(google, "gmail.settings.basic", subject=alias).token


def test_a_key_of_somebody_else_is_refused(google: Google) -> None:
    other = google.description["service_accounts"]["reader"]["private_key"]

    assert _refused(google, _USERS, private_key=other) == "invalid_grant: Invalid JWT Signature."


def test_an_account_that_nobody_made_is_refused(google: Google) -> None:
    said = _refused(google, _USERS, client_email="other@project.iam.gserviceaccount.com")

    assert said == "invalid_grant: Invalid grant: account not found"


def test_a_disabled_account_is_refused_and_its_tokens_are_dead(google: Google) -> None:
    directory = google.directory
    directory.users().list(customer="my_customer").execute()
    client_id = google.description["service_accounts"]["writer"]["client_id"]
    google.tenant.patch("google.serviceAccounts", client_id, disabled=True)

    assert _refused(google, _USERS).startswith("disabled_client")
    assert refused(directory.users().list(customer="my_customer")).status == 401


def test_an_assertion_that_lasts_too_long_is_refused(google: Google) -> None:
    key = google.description["service_accounts"]["writer"]
    now = int(time.time())
    claims = {"iss": key["client_email"], "scope": SCOPE + _USERS, "iat": now, "exp": now + 7200}
    assertion = jwt.encode({**claims, "aud": key["token_uri"]}, key["private_key"], algorithm="RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}

    answer = google.tenant.emulator.http.post(google.root("oauth2.googleapis.com") + "token", data=form, timeout=HANG)

    assert answer.status_code == 400
    assert answer.json()["error_description"].startswith("Invalid JWT: Token must be a short-lived token")


def test_an_account_without_a_subject_acts_for_itself_and_is_no_administrator(google: Google) -> None:
    answer = refused(google.service("admin", "").users().list(customer="my_customer"))

    assert (answer.status, answer.reason) == (403, "forbidden")


def _interactive(google: Google, **changes: str) -> user_credentials.Credentials:
    client = {**google.description["oauth_client"], **changes}
    return user_credentials.Credentials(
        None,
        refresh_token=client["refresh_token"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        token_uri=google.root("oauth2.googleapis.com") + "token",
    )


def test_an_administrators_refresh_token_gives_an_id_token_that_the_certificates_verify(google: Google) -> None:
    credentials, request = _interactive(google), _request(google)
    credentials.refresh(request)

    claims = id_token.verify_token(
        credentials.id_token,
        request,
        audience=google.description["oauth_client"]["client_id"],
        certs_url=google.root("www.googleapis.com") + "oauth2/v1/certs",
    )

    assert claims["iss"] == "https://accounts.google.com"
    assert claims["email"] == google.administrator
    assert claims["hd"] == google.description["domain"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"refresh_token": "1//other"}, "invalid_grant: Token has been expired or revoked."),
        ({"client_secret": "other"}, "invalid_client: Unauthorized"),
        ({"client_id": "other"}, "invalid_client: The OAuth client was not found."),
    ],
)
def test_a_refresh_token_is_refused(google: Google, changes: dict[str, str], said: str) -> None:
    with pytest.raises(RefreshError) as caught:
        _interactive(google, **changes).refresh(_request(google))

    assert str(caught.value.args[0]) == said


def test_keys_are_made_once_for_all_tenants_and_each_tenant_has_its_own_accounts(emulator: Emulator) -> None:
    tenants = [emulator.open_tenant(users=4) for _ in range(2)]
    one, other = map(Google, tenants)
    first, second = one.description["service_accounts"]["writer"], other.description["service_accounts"]["writer"]

    assert first["private_key"] == second["private_key"]
    assert first["client_email"] != second["client_email"]
    assert one.description["customer_id"] != other.description["customer_id"]
    for tenant in tenants:
        tenant.close()


def test_a_fault_meets_the_sign_in_of_its_own_tenant(google: Google, emulator: Emulator) -> None:
    google.tenant.fault("refused", "POST /token")

    other = emulator.open_tenant(users=4)
    assert _signed_in(Google(other), _USERS).token
    other.close()
    assert _refused(google, _USERS).startswith("access_denied")
    assert [one["service"] for one in google.tenant.requests()] == ["google oauth"]

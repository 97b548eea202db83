"""What a request must look like, as the discovery documents say, and how its answer is cut."""

from typing import Any

import pytest
from google_auth_httplib2 import Request  # type: ignore[import-untyped]

from tests.emulated import HANG
from tests.emulator.google_workspace.asking import SCOPE, Google, policy, refused, rule


def _raw(google: Google, method: str, path: str, api: str = "admin", subject: str | None = None, **more: Any) -> Any:
    """Send what the client library would refuse to send."""
    host = {"admin": "admin", "gmail": "gmail", "cloudidentity": "cloudidentity", "groupssettings": "www"}[api]
    http = google.authorized_http(api, subject)
    http.credentials.refresh(Request(http.http))
    headers = {"Authorization": f"Bearer {http.credentials.token}", **more.pop("headers", {})}
    url = google.root(f"{host}.googleapis.com") + path.lstrip("/")
    return google.tenant.emulator.http.request(method, url, headers=headers, timeout=HANG, **more)


def test_a_field_that_the_type_does_not_have_is_refused_by_name(google: Google) -> None:
    body = {"signture": "<b>x</b>"}

    answer = refused(google.settings(google.teacher()).sendAs().patch(userId="me", sendAsEmail="x@y.z", body=body))

    assert answer.status == 400
    assert answer.message == 'Invalid JSON payload received. Unknown name "signture": Cannot find field.'
    assert answer.body["details"][0]["fieldViolations"][0]["description"] == answer.message
    assert (answer.reason, answer.canonical) == ("invalid", "INVALID_ARGUMENT")


def test_a_field_inside_is_refused_with_its_place(google: Google) -> None:
    body = {**policy(google, rule()), "policyQuery": {"orgunit": "orgUnits/1"}}

    answer = refused(google.policies.create(body=body))

    assert "Unknown name \"orgunit\" at 'policyQuery'" in answer.message
    assert answer.canonical == "INVALID_ARGUMENT"
    assert answer.reason == ""  # this API lists no reasons


@pytest.mark.parametrize(
    "body",
    [
        {"enabled": "yes"},
        {"enabled": True, "disposition": "leaveinbox"},
        {"enabled": True, "emailAddress": 7},
        ["enabled"],
    ],
)
def test_a_value_of_another_type_is_refused(google: Google, body: object) -> None:
    path = "gmail/v1/users/me/settings/autoForwarding"

    answer = _raw(google, "PUT", path, "gmail", google.teacher(), json=body)

    assert answer.status_code == 400, answer.text


def test_a_body_that_is_no_json_is_refused(google: Google) -> None:
    path = "gmail/v1/users/me/settings/vacation"

    answer = _raw(google, "PUT", path, "gmail", google.teacher(), data="{")

    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "parseError"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("customer=my_customer&maxResult=5", 'Unknown name "maxResult"'),
        ("customer=my_customer&maxResults=501", "Values must be within the range: [1, 500]"),
        ("customer=my_customer&maxResults=many", "Values must be within the range"),
        ("customer=my_customer&orderBy=age", "Allowed values: [email, familyName, givenName]"),
        ("customer=my_customer&projection=all", "Allowed values"),
        ("customer=my_customer&pageToken=nonsense", "pageToken"),
        ("", "Bad Request"),
    ],
)
def test_a_parameter_that_is_none_is_refused(google: Google, query: str, words: str) -> None:
    answer = _raw(google, "GET", f"admin/directory/v1/users?{query}")

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_a_body_where_none_belongs_is_refused(google: Google) -> None:
    answer = _raw(
        google, "DELETE", "admin/directory/v1/groups/dsl@example-primary.example/members/a@b.example", json={"a": 1}
    )

    assert answer.status_code == 400


def test_a_token_without_the_scope_is_refused_with_the_scopes_that_would_do(google: Google) -> None:
    request = google.plain("admin").users().list(customer="my_customer")
    request.http = google.authorized_http("cloudidentity")

    answer = refused(request)

    assert (answer.status, answer.reason) == (403, "insufficientPermissions")
    assert answer.message == "Request had insufficient authentication scopes."
    assert f"{SCOPE}admin.directory.user.readonly" in answer.headers["www-authenticate"]


def test_no_token_and_a_forged_token_are_told_apart(google: Google) -> None:
    url = google.root("gmail.googleapis.com") + "gmail/v1/users/me/settings/vacation"
    http = google.tenant.emulator.http

    none = http.get(url, timeout=HANG)
    forged = http.get(url, headers={"Authorization": "Bearer ya29.forged"}, timeout=HANG)

    assert (none.status_code, forged.status_code) == (401, 401)
    assert none.json()["error"]["errors"][0]["reason"] == "required"
    assert forged.json()["error"]["errors"][0]["reason"] == "authError"


def test_an_api_that_is_turned_off_in_the_project_says_so(google: Google) -> None:
    google.tenant.put("google.enabledApis", "gmail.googleapis.com", {"enabled": False})

    answer = refused(google.settings(google.teacher()).getVacation(userId="me"))

    assert (answer.status, answer.reason) == (403, "accessNotConfigured")
    assert answer.body["details"][0]["reason"] == "SERVICE_DISABLED"


def test_a_mask_leaves_what_it_names(google: Google) -> None:
    found = google.directory.users().list(
        customer="my_customer", maxResults=1, fields="nextPageToken,users(primaryEmail,name/givenName)"
    )  # fmt: skip

    answer = found.execute()

    assert set(answer) == {"nextPageToken", "users"}
    assert answer["users"] == [{"primaryEmail": google.teacher(), "name": {"givenName": "Amara"}}]


def test_a_star_in_a_mask_means_every_field(google: Google) -> None:
    answer = google.directory.users().list(customer="my_customer", maxResults=1, fields="users(*)").execute()

    assert "kind" not in answer
    assert answer["users"][0]["orgUnitPath"] == "/Staff"


@pytest.mark.parametrize("mask", ["users(", "nextPageToken,", "users(primaryMail)", "people", "users)id"])
def test_a_mask_that_is_none_is_refused(google: Google, mask: str) -> None:
    answer = refused(google.directory.users().list(customer="my_customer", fields=mask))

    assert (answer.status, answer.reason) == (400, "invalidParameter")


def test_pages_lead_through_the_whole_list(google: Google) -> None:
    users = google.directory.users()
    addresses: list[str] = []
    request = users.list(customer="my_customer", maxResults=100)
    while request is not None:
        answer = request.execute()
        addresses += [one["primaryEmail"] for one in answer["users"]]
        request = users.list_next(request, answer)

    assert len(addresses) == len(set(addresses)) == len(google.tenant.objects("google.users"))


def test_a_long_query_comes_as_a_post_that_means_get(google: Google) -> None:
    query = " ".join(["isSuspended=false"] * 150)

    answer = google.directory.users().list(customer="my_customer", query=query, maxResults=3).execute()

    assert len(answer["users"]) == 3
    (request,) = [one for one in google.tenant.requests() if one["service"] == "google directory"]
    assert request["method"] == "POST"
    assert request["operations"][0]["name"] == "directory.users.list"
    assert request["operations"][0]["write"] is False


def test_a_method_may_be_named_in_a_header(google: Google) -> None:
    path = f"gmail/v1/users/me/settings/sendAs/{google.teacher()}"
    headers = {"X-HTTP-Method-Override": "PATCH"}

    body = {"replyToAddress": "a@b.example"}
    answer = _raw(google, "POST", path, "gmail", google.teacher(), json=body, headers=headers)

    assert answer.json()["replyToAddress"] == "a@b.example"


def test_a_doubled_slash_and_a_slash_at_the_end_count_for_nothing(google: Google) -> None:
    assert _raw(google, "GET", "/admin/directory/v1/customers/my_customer/").ok

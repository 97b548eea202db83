"""Microsoft Graph: the directory, its query options, pages and batches."""

from typing import Any

import pytest

from tests.emulated import HANG, Tenant, whole_school


def _group(tenant: Tenant, name: str) -> str:
    return next(key for key, group in tenant.objects("groups").items() if group["displayName"] == name)


def _all_pages(tenant: Tenant, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page: dict[str, Any] = tenant.graph(path).json()
    headers = {"Authorization": f"Bearer {tenant.token()}"}
    while "@odata.nextLink" in page:
        rows += page["value"]
        page = tenant.emulator.http.get(page["@odata.nextLink"], headers=headers, timeout=HANG).json()
    return [*rows, *page["value"]]


def test_the_organisation_names_its_tenant_and_domains(tenant: Tenant) -> None:
    (organization,) = tenant.graph("/v1.0/organization").json()["value"]

    assert organization["id"] == tenant.tenant_id
    assert {domain["name"]: domain["isDefault"] for domain in organization["verifiedDomains"]} == {
        "example-primary.example": True,
        "example-primary.onmicrosoft.example": False,
    }


@whole_school
def test_a_list_without_top_comes_in_pages_of_a_hundred(tenant: Tenant) -> None:
    page = tenant.graph("/v1.0/users").json()

    assert len(page["value"]) == 100
    assert page["@odata.nextLink"].startswith(f"{tenant.emulator.url}/graph.microsoft.com/v1.0/users?$skiptoken=")


@pytest.mark.parametrize("top", [1, 90, 137, 999])
def test_the_pages_together_are_the_whole_list(tenant: Tenant, top: int) -> None:
    if top == 1:
        tenant.control("PUT", "/objects/users", dict(list(tenant.objects("users").items())[:5]))

    rows = _all_pages(tenant, f"/v1.0/users?$select=id&$top={top}")

    assert [row["id"] for row in rows] == list(tenant.objects("users"))
    assert all(set(row) == {"id"} for row in rows)


def test_a_page_may_not_be_larger_than_999(tenant: Tenant) -> None:
    assert tenant.graph("/v1.0/users?$top=1000").json()["error"]["code"] == "Request_UnsupportedQuery"


def test_unasked_a_user_shows_eleven_properties(tenant: Tenant) -> None:
    user = tenant.graph("/v1.0/users?$top=1").json()["value"][0]

    assert set(user) == {
        "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName", "id",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/users/{id}", "/users/{address}", "/users('{address}')", "/users(%27{address}%27)", "//users//{id}/"],
)
def test_a_user_is_found_under_every_name(tenant: Tenant, path: str) -> None:
    key, user = next(iter(tenant.objects("users").items()))

    answer = tenant.graph("/v1.0" + path.format(id=key, address=user["userPrincipalName"].upper()))

    assert answer.json()["id"] == key


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("jobTitle eq 'head teacher'", ["Head Teacher"]),
        ("jobTitle in ('Head Teacher','SENDCo')", ["Head Teacher", "SENDCo"]),
        ("jobTitle eq 'SENDCo' or jobTitle eq 'Head Teacher'", ["Head Teacher", "SENDCo"]),
        ("department eq 'Leadership' and (jobTitle eq 'Head Teacher')", ["Head Teacher"]),
        ("jobTitle eq 'Nobody''s'", []),
        ("onPremisesSyncEnabled eq true and department eq 'Leadership'", ["Head Teacher"]),
        ("assignedLicenses/any() and jobTitle eq 'SENDCo'", ["SENDCo"]),
    ],
)
def test_a_filter_chooses(tenant: Tenant, text: str, titles: list[str]) -> None:
    rows = tenant.graph(f"/v1.0/users?$select=jobTitle&$filter={text}").json()["value"]

    assert [row["jobTitle"] for row in rows] == titles


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("$filter=shoeSize eq 5", 400, "BadRequest"),
        ("$filter=displayName eq", 400, "BadRequest"),
        ("$filter=displayName is 'x'", 400, "BadRequest"),
        ("$filter=displayName ne 'x'", 501, "NotEmulated"),
        ("$filter=startswith(displayName,'x')", 501, "NotEmulated"),
        ("$filter=assignedPlans/any(p:p/service eq 'SCO')", 501, "NotEmulated"),
        ("$orderby=displayName", 501, "NotEmulated"),
        ("$count=true", 501, "NotEmulated"),
        ("$filter=displayName ge 'x'", 400, "Request_UnsupportedQuery"),
        ("$filter=assignedLicenses/$count eq 0", 501, "NotEmulated"),
        ("$select=shoeSize", 400, "BadRequest"),
        ("$search=x", 501, "NotEmulated"),
        ("$expand=manager", 501, "NotEmulated"),
        ("$skiptoken=x", 400, "Directory_ExpiredPageToken"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(tenant: Tenant, query: str, status: int, code: str) -> None:
    answer = tenant.graph(f"/v1.0/users?{query}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_members_of_members_are_listed_with_their_types(tenant: Tenant) -> None:
    path = f"/v1.0/groups/{_group(tenant, 'Leadership and IT')}"

    direct = tenant.graph(f"{path}/members").json()["value"]
    people = tenant.graph(f"{path}/transitiveMembers/microsoft.graph.user?$select=jobTitle").json()["value"]

    assert [(one["@odata.type"], one["displayName"]) for one in direct] == [
        ("#microsoft.graph.group", "Senior leadership"),
        ("#microsoft.graph.group", "IT support"),
    ]
    assert [one["jobTitle"] for one in people] == [
        "Head Teacher", "Deputy Head Teacher", "Assistant Head Teacher", "IT Technician",
    ]  # fmt: skip


def test_members_that_may_not_be_read_show_an_id_alone(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["GroupMember.Read.All"])

    (first, *_) = tenant.graph(f"/v1.0/groups/{_group(tenant, 'All staff')}/members").json()["value"]

    assert first["id"] in tenant.objects("users")
    assert first["displayName"] is None


def test_a_role_shows_the_application_it_was_given_to(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["Directory.Read.All"])
    template = "29232cdf-9323-42fd-ade2-1d097af3e4de"

    members = tenant.graph(f"/v1.0/directoryRoles(roleTemplateId='{template}')/members").json()["value"]

    assert [member["appId"] for member in members] == [tenant.applications["writer"]["client_id"]]


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/organization", "Organization.Read.All"),
        ("/domains", "Domain.Read.All"),
        ("/users", "User.Read.All"),
        ("/groups", "GroupMember.Read.All"),
        ("/directoryRoles", "RoleManagement.Read.Directory"),
        ("/subscribedSkus", "LicenseAssignment.Read.All"),
        ("/servicePrincipals", "Application.Read.All"),
    ],
)
def test_a_route_needs_its_permission(tenant: Tenant, path: str, permission: str) -> None:
    tenant.grant("reader", roles=[])
    refused = tenant.graph(f"/v1.0{path}")
    tenant.grant("reader", roles=[permission])
    allowed = tenant.graph(f"/beta{path}")

    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert refused.json()["error"]["message"] == "Insufficient privileges to complete the operation."


def test_what_gives_nearly_as_much_is_not_enough(tenant: Tenant) -> None:
    person = next(iter(tenant.objects("users")))
    asked = [
        ("GET", "/organization", "User.Read.All"),
        ("GET", "/directory/deletedItems/microsoft.graph.user", "User.ReadBasic.All"),
        ("GET", "/directoryRoles", "RoleManagement.Read.All"),
        ("POST", f"/users/{person}/getMemberGroups", "GroupMember.Read.All"),
        ("POST", f"/users/{person}/getMemberGroups", "User.Read.All"),
    ]
    found = []

    for method, path, permission in asked:
        tenant.grant("reader", roles=[permission])
        body = {"securityEnabledOnly": False} if method == "POST" else None
        found.append(tenant.graph(f"/v1.0{path}", method=method, body=body).status_code)

    tenant.grant("reader", roles=["GroupMember.Read.All", "User.Read.All"])
    groups = tenant.graph(f"/v1.0/users/{person}/getMemberGroups", method="POST", body={"securityEnabledOnly": False})
    assert (found, groups.status_code) == ([403] * len(asked), 200)


def test_the_directorys_log_refuses_in_words_of_its_own(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["Directory.Read.All"])

    error = tenant.graph("/v1.0/auditLogs/directoryAudits").json()["error"]

    assert error["code"] == "Authentication_MSGraphPermissionMissing"
    assert "AuditLog.Read.All" in error["message"]


def test_without_a_token_nothing_is_told(tenant: Tenant) -> None:
    answer = tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/users", timeout=HANG)

    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "Access token is empty."


@pytest.mark.parametrize(("method", "path"), [("GET", "/deviceManagement/virtualEndpoint"), ("POST", "/users")])
def test_what_is_not_emulated_says_so_by_name(tenant: Tenant, method: str, path: str) -> None:
    answer = tenant.graph(f"/v1.0{path}", method=method, body={} if method == "POST" else None)

    assert answer.status_code == 501
    assert answer.json()["error"]["message"] == f"The emulator's graph does not emulate {method} /v1.0{path}."


def test_a_batch_answers_each_part_by_itself(tenant: Tenant) -> None:
    parts = [
        {"id": 1, "method": "GET", "url": "users?$top=1&$select=id"},
        {"id": "2", "method": "GET", "url": "/users/nobody"},
        {"id": "3", "method": "GET", "url": "/domains", "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/domains", "dependsOn": ["1"]},
    ]

    answer = tenant.graph("/v1.0/$batch", method="POST", body={"requests": parts})
    statuses = {part["id"]: part["status"] for part in answer.json()["responses"]}

    assert answer.status_code == 200
    assert statuses == {"1": 200, "2": 404, "3": 424, "4": 200}


@pytest.mark.parametrize(
    "requests",
    [
        [{"id": str(number), "method": "GET", "url": "/domains"} for number in range(21)],
        [{"id": "1", "method": "GET", "url": "/domains"}] * 2,
        [{"id": "1", "method": "GET"}],
        "none",
    ],
)
def test_a_batch_that_is_malformed_is_refused_whole(tenant: Tenant, requests: object) -> None:
    answer = tenant.graph("/v1.0/$batch", method="POST", body={"requests": requests})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_somebody_s_groups_include_those_around_a_group(tenant: Tenant) -> None:
    group = _group(tenant, "Senior leadership")
    person = tenant.read_object("members", group)["members"][0]
    path = f"/v1.0/users/{person}/getMemberGroups"

    answer = tenant.graph(path, method="POST", body={"securityEnabledOnly": False})

    assert {group, _group(tenant, "Leadership and IT"), _group(tenant, "All staff")} <= set(answer.json()["value"])
    assert _group(tenant, "All pupils") not in answer.json()["value"]
    assert tenant.graph(path, method="POST", body={}).status_code == 400
    nobody = tenant.graph(path.replace(person, "nobody"), method="POST", body={"securityEnabledOnly": False})
    assert nobody.status_code == 404


def test_people_who_were_deleted_are_listed_with_the_day(tenant: Tenant) -> None:
    (person, body), *_ = tenant.objects("users").items()
    tenant.put("deletedUsers", person, {**body, "deletedDateTime": "2026-11-01T08:00:00Z"})

    answer = tenant.graph("/v1.0/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime").json()

    assert [(one["id"], one["deletedDateTime"]) for one in answer["value"]] == [(person, "2026-11-01T08:00:00Z")]

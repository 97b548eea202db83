"""Vault: matters, with whom they are shared, and what they hold."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, Refusal, refused

MAIL: dict[str, Any] = {"name": "Mail", "corpus": "MAIL"}
LEAVER = "gethin.leaver"


@pytest.fixture
def matters(google: Google) -> Any:
    return google.service("vault").matters()


@pytest.fixture
def matter(matters: Any) -> str:
    """Open a matter and give its id."""
    return str(matters.create(body={"name": "Retention", "description": "By policy"}).execute()["matterId"])


@pytest.fixture
def delegate(google: Google) -> dict[str, Any]:
    """Give somebody a role that manages matters and holds, their own and those they share."""
    names = ("MANAGE_MATTERS", "MANAGE_HOLDS")
    privileges = [{"privilegeName": name, "serviceId": "vault"} for name in names]
    person = google.person(orgUnitPath="/Staff", isAdmin=False, isDelegatedAdmin=False)
    google.tenant.put("google.roles", "1", {"roleId": "1", "roleName": "Vault", "rolePrivileges": privileges})
    google.tenant.put("google.roleAssignments", "1", {"roleId": "1", "assignedTo": person["id"]})
    return person


def _address(google: Google, name: str) -> str:
    return f"{name}@{google.tenant.domain}"


def _account(google: Google, name: str) -> str:
    return str(google.person(primaryEmail=_address(google, name))["id"])


def _hold(matters: Any, matter: str, **wanted: Any) -> dict[str, Any]:
    return dict(matters.holds().create(matterId=matter, body={**MAIL, **wanted}).execute())


def _unit(google: Google, path: str) -> dict[str, str]:
    return {"orgUnitId": google.unit(path).replace("orgUnits/", "id:")}


def _status_and_code(refusal: Refusal) -> tuple[int, str]:
    return refusal.status, refusal.canonical


INVALID, STATE = (400, "INVALID_ARGUMENT"), (400, "FAILED_PRECONDITION")
FORBIDDEN, MISSING = (403, "PERMISSION_DENIED"), (404, "NOT_FOUND")


def test_a_matter_is_the_callers_and_tells_who_sees_it_when_asked_for_everything(google: Google, matters: Any) -> None:
    made = matters.create(body={"name": "Retention", "description": "By policy", "state": "CLOSED"}).execute()
    full = matters.get(matterId=made["matterId"], view="FULL").execute()

    assert {**made, "matterId": ""} == {
        "matterId": "",
        "name": "Retention",
        "description": "By policy",
        "state": "OPEN",
    }
    owner = google.person(primaryEmail=google.administrator)["id"]
    assert full == {**made, "matterPermissions": [{"accountId": owner, "role": "OWNER"}]}


def test_two_matters_may_have_one_name_and_a_matter_has_one(matters: Any) -> None:
    first, second = (matters.create(body={"name": "Same"}).execute()["matterId"] for _ in range(2))

    assert first != second
    assert _status_and_code(refused(matters.create(body={"description": "No name"}))) == INVALID


def test_a_matter_does_only_what_its_state_allows(matters: Any, matter: str) -> None:
    matters.close(matterId=matter, body={}).execute()
    closed = refused(matters.close(matterId=matter, body={}))
    held = refused(matters.holds().create(matterId=matter, body=MAIL))
    listed = refused(matters.holds().list(matterId=matter))

    assert [_status_and_code(closed), _status_and_code(held), _status_and_code(listed)] == [STATE] * 3


def test_a_matter_with_holds_is_not_closed(matters: Any, matter: str) -> None:
    hold = _hold(matters, matter)

    assert _status_and_code(refused(matters.close(matterId=matter, body={}))) == STATE
    matters.holds().delete(matterId=matter, holdId=hold["holdId"]).execute()
    assert matters.close(matterId=matter, body={}).execute()["matter"]["state"] == "CLOSED"


def test_matters_are_listed_by_state_page_by_page(matters: Any, matter: str) -> None:
    matters.close(matterId=matter, body={}).execute()
    opened = [matters.create(body={"name": str(n)}).execute()["matterId"] for n in range(3)]

    first = matters.list(state="OPEN", pageSize=2).execute()
    second = matters.list(state="OPEN", pageSize=2, pageToken=first["nextPageToken"]).execute()
    closed = matters.list(state="CLOSED", view="FULL").execute()["matters"]

    assert [one["name"] for one in first["matters"]] == ["Matter 2026-A", "0"]
    assert [one["matterId"] for one in second["matters"]] == opened[1:]
    assert "nextPageToken" not in second
    assert [one["matterId"] for one in closed] == [matter]
    assert "matterPermissions" in closed[0]
    assert "matterPermissions" not in first["matters"][0]
    assert "matters" not in matters.list(state="DELETED").execute()


def test_a_page_cut_short_says_that_it_goes_on(google: Google, matters: Any, matter: str) -> None:
    google.tenant.fault("truncated", "vault.matters.list")

    answer = matters.list().execute()

    assert [one["name"] for one in answer["matters"]] == ["Matter 2026-A"]
    assert _status_and_code(refused(matters.list(pageToken=answer["nextPageToken"]))) == INVALID


def test_somebody_without_a_privilege_of_vault_is_refused(google: Google) -> None:
    theirs = google.service("vault", google.teacher()).matters()

    assert _status_and_code(refused(theirs.list())) == FORBIDDEN
    assert _status_and_code(refused(theirs.create(body={"name": "Mine"}))) == FORBIDDEN


def test_only_matters_that_are_shared_are_seen(
    google: Google, matters: Any, matter: str, delegate: dict[str, Any]
) -> None:
    theirs = google.service("vault", delegate["primaryEmail"]).matters()
    owner = matters.get(matterId=matter, view="FULL").execute()["matterPermissions"]

    before = (theirs.list().execute(), _status_and_code(refused(theirs.get(matterId=matter))))
    shared = [*owner, {"accountId": delegate["id"], "role": "COLLABORATOR"}]
    google.tenant.patch("google.vaultMatters", matter, matterPermissions=shared)
    during = theirs.list().execute()["matters"]
    google.tenant.patch("google.vaultMatters", matter, matterPermissions=owner)
    after = (theirs.list().execute(), _status_and_code(refused(theirs.holds().list(matterId=matter))))

    assert before == after == ({}, FORBIDDEN)
    assert [one["matterId"] for one in during] == [matter]
    assert _status_and_code(refused(theirs.get(matterId="none"))) == MISSING


def test_a_hold_tells_whom_it_covers_since_when_and_from_which_midnight(
    google: Google, matters: Any, matter: str
) -> None:
    query = {
        "mailQuery": {"terms": "label:x", "startTime": "2026-01-02T23:30:00-05:00", "endTime": "2026-02-03T09:00:00Z"}
    }

    hold = _hold(matters, matter, accounts=[{"email": _address(google, LEAVER)}], query=query)

    now = "2026-11-10T09:00:00Z"
    assert {**hold, "holdId": ""} == {
        "holdId": "", "name": "Mail", "corpus": "MAIL", "updateTime": now,
        "query": {
            "mailQuery": {"terms": "label:x", "startTime": "2026-01-03T00:00:00Z", "endTime": "2026-02-03T00:00:00Z"}
        },
        "accounts": [
            {
                "accountId": _account(google, LEAVER), "email": _address(google, LEAVER), "firstName": "Gethin",
                "lastName": "Leaver", "holdTime": now,
            }
        ],
    }  # fmt: skip
    assert matters.holds().get(matterId=matter, holdId=hold["holdId"]).execute() == hold
    basic = matters.holds().get(matterId=matter, holdId=hold["holdId"], view="BASIC_HOLD").execute()
    assert basic == {name: value for name, value in hold.items() if name != "accounts"}


@pytest.mark.parametrize(
    ("corpus", "query"),
    [
        ("DRIVE", {"driveQuery": {"includeSharedDriveFiles": True}}),
        ("HANGOUTS_CHAT", {"hangoutsChatQuery": {"includeRooms": True}}),
        ("CALENDAR", {"calendarQuery": {}}),
        ("VOICE", {"voiceQuery": {"coveredData": ["VOICEMAILS"]}}),
        ("GEMINI_IN_WORKSPACE", {}),
    ],
)
def test_every_service_has_a_query_of_its_own(
    google: Google, matters: Any, matter: str, corpus: str, query: dict[str, Any]
) -> None:
    hold = _hold(matters, matter, corpus=corpus, query=query, orgUnit=_unit(google, "/Staff"))

    assert (hold["corpus"], hold["query"]) == (corpus, query)


def test_a_hold_that_makes_no_sense_is_refused(google: Google, matters: Any, matter: str) -> None:
    unit, account = _unit(google, "/Staff"), {"email": _address(google, LEAVER)}

    bodies: list[dict[str, Any]] = [
        {**MAIL, "orgUnit": unit, "accounts": [account]},
        {**MAIL, "corpus": "GROUPS", "orgUnit": unit},
        {**MAIL, "query": {"driveQuery": {}}},
        {**MAIL, "query": {"mailQuery": {"startTime": "yesterday"}}},
        {**MAIL, "accounts": [{"email": "nobody@example-primary.example"}]},
        {**MAIL, "orgUnit": {"orgUnitId": "id:none"}},
        {"corpus": "MAIL"},
        {"name": "Nothing"},
    ]
    assert [_status_and_code(refused(matters.holds().create(matterId=matter, body=body))) for body in bodies] == [
        INVALID
    ] * 8


def test_a_hold_on_groups_takes_groups(google: Google, matters: Any, matter: str) -> None:
    hold = _hold(matters, matter, corpus="GROUPS", accounts=[{"email": _address(google, "leadership")}])

    assert hold["accounts"][0]["accountId"] in google.tenant.objects("google.groups")
    body = {"email": _address(google, LEAVER)}
    held = matters.holds().accounts()
    assert _status_and_code(refused(held.create(matterId=matter, holdId=hold["holdId"], body=body))) == INVALID


def test_several_accounts_are_added_each_with_an_answer_of_its_own(google: Google, matters: Any, matter: str) -> None:
    holds, names = matters.holds(), [_address(google, name) for name in (LEAVER, "scanner")]
    place = {"matterId": matter, "holdId": _hold(matters, matter, accounts=[{"email": names[0]}])["holdId"]}

    answer = holds.addHeldAccounts(**place, body={"emails": [*names, "nobody@example-primary.example"]}).execute()
    keys = [_account(google, "scanner"), "1"]
    removed = holds.removeHeldAccounts(**place, body={"accountIds": keys}).execute()
    left = holds.get(**place).execute()["accounts"]

    assert [one["status"].get("code") for one in answer["responses"]] == [6, None, 3]
    assert answer["responses"][1]["account"]["email"] == names[1]
    assert [one.get("code") for one in removed["statuses"]] == [None, 5]
    assert [one["email"] for one in left] == names[:1]
    for body in ({}, {"emails": names, "accountIds": keys}):
        assert _status_and_code(refused(holds.addHeldAccounts(**place, body=body))) == INVALID


def test_an_account_is_added_once_and_removed_once(google: Google, matters: Any, matter: str) -> None:
    place, key = {"matterId": matter, "holdId": _hold(matters, matter)["holdId"]}, _account(google, LEAVER)
    holds, accounts = matters.holds(), matters.holds().accounts()
    removal = holds.removeHeldAccounts(**place, body={"accountIds": [key]})

    made = accounts.create(**place, body={"accountId": key}).execute()
    again = refused(accounts.create(**place, body={"email": _address(google, LEAVER)}))
    removed = removal.execute()

    assert made["email"] == _address(google, LEAVER)
    assert _status_and_code(again) == (409, "ALREADY_EXISTS")
    assert [one.get("code") for one in (*removed["statuses"], *removal.execute()["statuses"])] == [None, 5]
    assert "accounts" not in holds.get(**place).execute()


def test_a_hold_stays_what_it_began_as(google: Google, matters: Any, matter: str) -> None:
    holds, unit, account = matters.holds(), _unit(google, "/Staff"), {"email": _address(google, LEAVER)}
    named, placed = _hold(matters, matter, accounts=[account]), _hold(matters, matter, orgUnit=unit)
    body = {**MAIL, "query": {}, "orgUnit": unit, "accounts": [account]}

    def update(hold: dict[str, Any]) -> dict[str, Any]:
        return dict(holds.update(matterId=matter, holdId=hold["holdId"], body=body).execute())

    place = {"matterId": matter, "holdId": placed["holdId"]}
    alone, several = (
        holds.accounts().create(**place, body=account),
        holds.addHeldAccounts(**place, body={"emails": ["x"]}),
    )
    assert "orgUnit" not in update(named)
    assert "accounts" not in update(placed)
    assert _status_and_code(refused(alone)) == STATE
    assert several.execute()["responses"][0]["status"]["code"] == 9


def test_an_update_sends_service_query_and_unit_and_keeps_accounts_that_it_does_not_name(
    google: Google, matters: Any, matter: str
) -> None:
    holds, unit = matters.holds(), _unit(google, "/Staff")
    named, placed = (
        _hold(matters, matter, accounts=[{"email": _address(google, LEAVER)}]),
        _hold(matters, matter, orgUnit=unit),
    )
    whole = {"corpus": "MAIL", "query": {"mailQuery": {"terms": "x"}}, "orgUnit": unit}
    google.tenant.set_now("2026-11-11T10:00:00+00:00")

    changed = holds.update(matterId=matter, holdId=named["holdId"], body=whole).execute()
    moved = {**whole, "orgUnit": _unit(google, "/Pupils")}
    elsewhere = holds.update(matterId=matter, holdId=placed["holdId"], body=moved).execute()

    assert changed == {**named, "query": whole["query"], "updateTime": "2026-11-11T10:00:00Z"}
    assert elsewhere["orgUnit"] == {**_unit(google, "/Pupils"), "holdTime": "2026-11-11T10:00:00Z"}
    for missing in whole:
        part = {name: value for name, value in whole.items() if name != missing}
        assert _status_and_code(refused(holds.update(matterId=matter, holdId=placed["holdId"], body=part))) == INVALID
    other = {**whole, "corpus": "CALENDAR", "query": {}}
    assert _status_and_code(refused(holds.update(matterId=matter, holdId=placed["holdId"], body=other))) == INVALID


def test_holds_are_listed_page_by_page(matters: Any, matter: str) -> None:
    holds = matters.holds()
    made = [_hold(matters, matter, name=name)["name"] for name in ("a", "b", "c")]

    first = holds.list(matterId=matter, pageSize=2).execute()
    second = holds.list(matterId=matter, pageSize=2, pageToken=first["nextPageToken"]).execute()

    assert [one["name"] for one in (*first["holds"], *second["holds"])] == made
    assert _status_and_code(refused(holds.list(matterId=matter, pageSize=101))) == INVALID


def test_the_seeded_matter_is_another_administrators_and_the_reader_sees_what_it_holds(google: Google) -> None:
    matters = google.reader("vault", "ediscovery.readonly").matters()

    (matter,) = matters.list(view="FULL").execute()["matters"]
    (hold,) = matters.holds().list(matterId=matter["matterId"]).execute()["holds"]

    assert matter["matterPermissions"] == [{"accountId": _account(google, "breakglass"), "role": "OWNER"}]
    assert hold["orgUnit"]["orgUnitId"] == _unit(google, "/Service accounts")["orgUnitId"]
    assert refused(matters.create(body={"name": "Mine"})).status == 403
    assert f"{matter['matterId']}/{hold['holdId']}" in google.tenant.objects("google.vaultHolds")


def test_a_fault_meets_one_method_alone(google: Google, matters: Any, matter: str) -> None:
    google.tenant.fault("unavailable_after", "vault.matters.holds.create")

    answer = refused(matters.holds().create(matterId=matter, body=MAIL))

    assert answer.status == 503
    assert [one["name"] for one in matters.holds().list(matterId=matter).execute()["holds"]] == ["Mail"]

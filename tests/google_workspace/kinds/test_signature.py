"""Signatures on the wire: whose are read, what is written, and that the person's own text is left as it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.signature import KIND
from connectors.google_workspace.kinds.signature.markup import BEGIN, END, put_notice
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, delegate, teacher, tokens, users
from toolkit.errors import BadAnswer, Refused, Rejected, ServiceError
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Settings

BOXES = "gmail.sendAs"
TEXT = "<p>Was this not for you? <b>Please tell us.</b></p>"
PATCH = "gmail.users.settings.sendAs.patch"
LIST = "gmail.users.settings.sendAs.list"


def test_the_own_text_is_the_same_bytes_after_the_notice_came_changed_and_went(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    person = teacher(tenant)
    own = signature(tenant, person)
    assert own

    write(connection, person, TEXT)
    signed = signature(tenant, person)
    write(connection, person, "<p>Other words</p>")
    other = signature(tenant, person)
    write(connection, person, None)

    assert signed == put_notice(own, TEXT)
    assert other == put_notice(own, "<p>Other words</p>")
    assert signature(tenant, person) == own


def test_what_the_owner_wrote_meanwhile_is_what_stays(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    own = signature(tenant, person)
    before = write(connection, person, TEXT)
    set_signature(tenant, person, f"<b>New me</b>{signature(tenant, person)}<i>and below</i>")

    KIND.endpoint.update(connection, before, person["id"], {"text": None})

    assert signature(tenant, person) == f"<b>New me</b>{own}<i>and below</i>"


def test_only_what_is_inside_the_notice_shows(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    write(connection, person, TEXT)
    signed = signature(tenant, person)

    set_signature(tenant, person, f"<b>Hello</b>{signed}<div>mine</div>")
    assert observed(connection, person) == {"text": TEXT}

    set_signature(tenant, person, signed.replace("not for", "for"))
    assert observed(connection, person) == {"text": TEXT.replace("not for", "for")}


def test_every_address_that_a_person_sends_as_has_the_notice(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_address(tenant, person, "office@example-primary.example", "accepted")
    add_address(tenant, person, "me@home.example", "pending")
    before = tenant.last_request()

    shown = write(connection, person, TEXT)

    assert tenant.operations(before).count(PATCH) == 2
    assert KIND.spec.observed(shown.body) == observed(connection, person) == {"text": TEXT}
    assert stored(tenant, person, "me@home.example")["signature"] == ""


def test_only_the_address_without_it_is_changed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person, office = teacher(tenant), "office@example-primary.example"
    write(connection, person, TEXT)
    add_address(tenant, person, office, "accepted")
    differing = observed(connection, person)["text"]
    before = tenant.last_request()

    write(connection, person, TEXT)

    assert differing == f"{person['primaryEmail']}: {BEGIN} {TEXT}\n{office}: no {BEGIN}"
    assert asked_after(tenant, before) == [LIST, LIST, PATCH]
    assert stored(tenant, person, office)["signature"] == put_notice("", TEXT)


def test_a_change_takes_two_requests_and_gives_what_is_there(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    before, signed_in = tenant.last_request(), tokens(tenant)

    shown = KIND.endpoint.update(connection, remote, person["id"], {"text": TEXT})

    assert asked_after(tenant, before) == [LIST, PATCH]
    assert tokens(tenant) == signed_in
    assert shown == read(connection, person)


def test_a_copy_of_the_notice_goes_at_the_next_write(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    write(connection, person, TEXT)
    signed = signature(tenant, person)
    set_signature(tenant, person, f"{signed}<div>me</div>{put_notice('', TEXT)}")
    assert observed(connection, person) == {"text": TEXT}

    write(connection, person, TEXT)

    assert signature(tenant, person) == f"{signed}<div>me</div>"


def test_what_is_right_already_is_not_written(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    write(connection, person, TEXT)
    before = tenant.last_request()

    write(connection, person, TEXT)

    assert PATCH not in tenant.operations(before)


@pytest.mark.parametrize("half", [BEGIN, END])
def test_half_a_notice_makes_its_owner_unreadable(reading: GoogleWorkspace, tenant: Tenant, half: str) -> None:
    broken, fine = users(tenant, "/Staff")[:2]
    set_signature(tenant, broken, f"Amara {half} and more")

    seen = {one.name: one for one in KIND.endpoint.read(reading, NamedOnly(frozenset({broken["id"], fine["id"]})))}

    unreadable = seen[broken["id"]]
    assert isinstance(unreadable, Unreadable)
    assert f"the signature of {broken['primaryEmail']} contains half of the school's notice" in unreadable.reason
    assert "Ask" in unreadable.reason
    assert isinstance(seen[fine["id"]], Remote)


def test_half_a_notice_that_came_meanwhile_is_not_written_over(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    set_signature(tenant, person, f"Amara {BEGIN}")

    with pytest.raises(BadAnswer, match="half of the school's notice"):
        KIND.endpoint.update(connection, remote, person["id"], {"text": TEXT})

    assert signature(tenant, person) == f"Amara {BEGIN}"


def test_whoever_cannot_be_read_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    closed, suspended, deleted, emptied, fine = users(tenant, "/Staff")[:5]
    tenant.patch("google.users", closed["id"], suspended=True)
    reading.accounts.all()
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.delete("google.users", deleted["id"])
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)
    wanted = [one["id"] for one in (closed, suspended, deleted, emptied, fine)]

    seen = {one.name: one for one in KIND.endpoint.read(reading, NamedOnly(frozenset([*wanted, "12345"])))}

    reasons = [one.reason if isinstance(one, Unreadable) else "" for one in (seen[key] for key in wanted)]
    assert reasons == [
        f"the account {closed['primaryEmail']} is suspended",
        f"the account {suspended['primaryEmail']} is suspended or archived",
        f"Google has no account {deleted['primaryEmail']}",
        f"{emptied['primaryEmail']} has no Gmail: Mail service not enabled",
        "",
    ]
    assert seen.keys() == set(wanted)
    assert [(one.id, one.name) for one in seen.values()] == [(key, key) for key in seen]


def test_nobody_is_written_for_who_was_closed_meanwhile(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    tenant.patch("google.users", person["id"], isMailboxSetup=False)

    with pytest.raises(BadAnswer, match=r"nothing was changed, because .* has no Gmail"):
        KIND.endpoint.update(connection, remote, person["id"], {"text": TEXT})


def test_a_person_can_be_named_by_address(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)

    (seen,) = KIND.endpoint.read(reading, NamedOnly(frozenset({person["primaryEmail"].upper()})))

    assert (seen.id, seen.name) == (person["id"], person["id"])


def test_sixty_people_are_read_in_two_requests(reading: GoogleWorkspace, tenant: Tenant) -> None:
    sixty = [one["id"] for one in users(tenant) if one["isMailboxSetup"] and not one["suspended"]][:60]
    reading.accounts.all()
    before, signed_in = tenant.last_request(), tokens(tenant)

    seen = list(KIND.endpoint.read(reading, NamedOnly(frozenset(sixty))))
    again = list(KIND.endpoint.read(reading, NamedOnly(frozenset(sixty))))

    assert [type(one) for one in seen] == [Remote] * 60
    assert again == seen
    assert asked_after(tenant, before) == [LIST] * 120
    assert requests_after(tenant, before) == 4
    assert tokens(tenant) - signed_in == 60


def test_everything_is_whoever_has_an_account(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert {one.id for one in KIND.endpoint.read(reading, Everything())} == {one["id"] for one in users(tenant)}


@pytest.mark.parametrize("count", [1, 20])
def test_a_scope_that_is_not_delegated_is_named(reading: GoogleWorkspace, tenant: Tenant, count: int) -> None:
    delegate(tenant, "reader", without="gmail.settings.basic")
    people = frozenset(one["id"] for one in users(tenant, "/Staff")[:count])

    with pytest.raises(Refused, match=r"add this scope") as raised:
        list(KIND.endpoint.read(reading, NamedOnly(people)))

    assert raised.value.missing == "https://www.googleapis.com/auth/gmail.settings.basic"


@pytest.mark.parametrize("count", [1, 3])
def test_where_nobody_can_be_read_the_kind_cannot(reading: GoogleWorkspace, tenant: Tenant, count: int) -> None:
    tenant.fault("refused", LIST, times=99)
    people = frozenset(one["id"] for one in users(tenant, "/Staff")[:count])

    with pytest.raises(Refused, match=r"sendAs\.list"):
        list(KIND.endpoint.read(reading, NamedOnly(people)))


def test_a_mailbox_without_an_address_is_unreadable(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.delete(BOXES, f"{person['id']}/{person['primaryEmail']}")

    (seen,) = KIND.endpoint.read(reading, NamedOnly(frozenset({person["id"]})))

    assert isinstance(seen, Unreadable)
    assert "does not list an address" in seen.reason


@pytest.mark.parametrize(
    ("lost", "error", "words"),
    [
        (rb"\[[\w ]*chool notice\]", Rejected, "did not store the change"),
        (rb"\[End of school notice\]", BadAnswer, "contains half of the school's notice"),
    ],
)
def test_a_notice_that_gmail_does_not_keep_is_told(
    connection: GoogleWorkspace,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    *,
    lost: bytes,
    error: type[ServiceError],
    words: str,
) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    line = connection._lines._transport
    send = line.send

    def emptied(url: str, *, method: str, **call: Any) -> object:
        answer, content = send(url, method=method, **call)
        return answer, re.sub(lost, b"", content) if method == "PATCH" else content

    monkeypatch.setattr(line, "send", emptied)

    with pytest.raises(error, match=words):
        KIND.endpoint.update(connection, remote, person["id"], {"text": TEXT})


def test_signatures_are_neither_made_nor_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    before = called_methods(tenant)

    with pytest.raises(Rejected, match="has no account"):
        KIND.endpoint.create(connection, "nobody", {"text": TEXT})
    with pytest.raises(Rejected, match="never the person's own text"):
        KIND.endpoint.delete(connection, remote)

    assert called_methods(tenant) == before


def read(connection: GoogleWorkspace, person: Mapping[str, Any]) -> Remote:
    (seen,) = KIND.endpoint.read(connection, NamedOnly(frozenset({person["id"]})))
    assert isinstance(seen, Remote)
    return seen


def observed(connection: GoogleWorkspace, person: Mapping[str, Any]) -> Settings:
    return KIND.spec.observed(read(connection, person).body)


def write(connection: GoogleWorkspace, person: Mapping[str, Any], text: str | None) -> Remote:
    body = KIND.spec.body(KIND.spec.desired({"text": text}))
    shown = KIND.endpoint.update(connection, read(connection, person), person["id"], body)
    assert shown
    return shown


def stored(tenant: Tenant, person: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    return tenant.read_object(BOXES, f"{person['id']}/{address}")


def signature(tenant: Tenant, person: Mapping[str, Any]) -> str:
    return str(stored(tenant, person, person["primaryEmail"])["signature"])


def set_signature(tenant: Tenant, person: Mapping[str, Any], text: str) -> None:
    tenant.patch(BOXES, f"{person['id']}/{person['primaryEmail']}", signature=text)


def add_address(tenant: Tenant, person: Mapping[str, Any], address: str, status: str) -> None:
    body = {"sendAsEmail": address, "signature": "", "isPrimary": False, "verificationStatus": status}
    tenant.put(BOXES, f"{person['id']}/{address}", body)


def asked_after(tenant: Tenant, before: int) -> Sequence[str]:
    return [name for name in tenant.operations(before) if name != "POST /token"]


def requests_after(tenant: Tenant, before: int) -> int:
    return sum(one["service"] != "google oauth" for one in tenant.requests(before))

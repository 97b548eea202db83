"""Automatic replies on the wire: what is seen of them, what a change leaves as it was, and whose cannot be read."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.vacation import KIND
from tests.cases import playbook, resource
from tests.door import CommandResult, Door
from tests.emulated import Tenant
from tests.google_workspace.connected import teacher, users
from toolkit.errors import BadAnswer, Conflict, Rejected
from toolkit.sdk.endpoint import NamedOnly
from toolkit.sdk.markup import html_to_text
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Settings

STORED = "gmail.vacation"
GET, PUT = "gmail.users.settings.getVacation", "gmail.users.settings.updateVacation"
OWN = '<div dir="ltr">Gone <b>fishing</b>.<br>Ask <a href="mailto:office@example-primary.example">the office</a></div>'
PLAIN: Mapping[str, Any] = {"restrictToContacts": False, "restrictToDomain": False}
ON: Mapping[str, Any] = {"enableAutoReply": True, "responseSubject": "Away", "responseBodyHtml": OWN, **PLAIN}
# 24 October 2026, 00:00 +01:00, and 27 October 2026, 00:00 +00:00: summer time ends between them.
BEFORE, AFTER = "1792796400000", "1793059200000"


@pytest.mark.parametrize(
    ("stored", "status", "begins", "ends"),
    [
        ({"enableAutoReply": False}, "off", None, None),
        ({"enableAutoReply": False, "startTime": BEFORE}, "off", "2026-10-23T23:00:00Z", None),
        ({"enableAutoReply": True}, "always", None, None),
        ({"enableAutoReply": True, "startTime": BEFORE}, "scheduled", "2026-10-23T23:00:00Z", None),
        ({"enableAutoReply": True, "endTime": AFTER}, "scheduled", None, "2026-10-27T00:00:00Z"),
    ],
)
def test_when_it_replies_is_read_from_three_fields(
    reading: GoogleWorkspace,
    tenant: Tenant,
    *,
    stored: Mapping[str, object],
    status: str,
    begins: str | None,
    ends: str | None,
) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], {**PLAIN, **stored})

    seen = observed(reading, person)

    assert (seen["status"], seen["begins"], seen["ends"]) == (status, begins, ends)


def test_somebody_who_never_set_a_reply_has_none(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert observed(reading, teacher(tenant)) == {
        "status": "off",
        "begins": None,
        "ends": None,
        "subject": None,
        "text": None,
        "audience": "all",
    }


@pytest.mark.parametrize(
    ("contacts", "domain", "audience"),
    [(False, False, "all"), (True, False, "contacts"), (False, True, "domain"), (True, True, "contacts_in_domain")],
)
def test_the_audience_is_read_and_written_as_two_flags(
    connection: GoogleWorkspace, tenant: Tenant, audience: str, *, contacts: bool, domain: bool
) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], {**ON, "restrictToContacts": not contacts, "restrictToDomain": not domain})

    write(connection, person, {"audience": audience})

    stored = tenant.read_object(STORED, person["id"])
    assert (stored["restrictToContacts"], stored["restrictToDomain"]) == (contacts, domain)
    assert observed(connection, person)["audience"] == audience


def test_times_across_the_end_of_summer_time_are_those_instants(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    wanted = KIND.spec.desired(
        {
            "status": "scheduled",
            "begins": "2026-10-24T00:00:00+01:00",
            "ends": "2026-10-27T00:00:00+00:00",
            "text": "Half-term",
        }
    )

    shown = write(connection, person, wanted)

    stored = tenant.read_object(STORED, person["id"])
    assert (stored["startTime"], stored["endTime"]) == (BEFORE, AFTER)
    assert KIND.spec.observed(shown.body).items() >= wanted.items()


def test_where_only_the_end_moves_all_else_is_the_same_bytes(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    before = {**ON, "startTime": BEFORE, "endTime": AFTER, "restrictToDomain": True}
    tenant.put(STORED, person["id"], before)

    write(connection, person, {"ends": "2026-10-30T17:00:00Z"})

    assert tenant.read_object(STORED, person["id"]) == {**before, "endTime": "1793379600000"}


def test_a_reply_that_is_turned_off_keeps_its_words(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], ON)

    write(connection, person, {"status": "off"})

    assert tenant.read_object(STORED, person["id"]) == {**ON, "enableAutoReply": False}


def test_new_words_replace_those_in_html_which_would_win(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], ON)

    write(connection, person, {"text": "Back on Monday.\n\nAsk the office."})

    stored = tenant.read_object(STORED, person["id"])
    assert stored["responseBodyPlainText"] == "Back on Monday.\n\nAsk the office."
    assert "responseBodyHtml" not in stored
    assert observed(connection, person)["text"] == "Back on Monday.\n\nAsk the office."


def test_of_two_bodies_the_one_in_html_counts(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], {**ON, "responseBodyPlainText": "Nobody is told this"})

    assert observed(reading, person)["text"] == "Gone fishing.\nAsk the office"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>\n\n  <p>Two</p>\n", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("One<br/>\n Two &amp; <b>three</b> ", "One\nTwo & three"),
        ("<style>p {color: red}</style><p>One</p><script>alert(1)</script>", "One"),
        ("<ul><li>One</li><li>Two</li></ul>after", "One\nTwo\n\nafter"),
        ('<img src="https://example.com/a.png">', ""),
    ],
)
def test_of_html_counts_what_a_reader_sees(page: str, text: str) -> None:
    assert html_to_text(page) == text


def test_what_gmail_makes_of_html_is_the_same_text(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    sent = '<p onclick="go()">Back on <b>Monday</b></p><script>alert(1)</script><p>Ask the office'
    mailbox = connection.gmail(person["id"])

    kept = mailbox.change_vacation({"enableAutoReply": True, "responseBodyHtml": sent})

    assert kept["responseBodyHtml"] != sent
    assert observed(connection, person)["text"] == html_to_text(sent) == "Back on Monday\n\nAsk the office"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"responseBodyHtml": "<p>Something else</p>"}, "text"),
        ({"endTime": AFTER}, "ends, status"),
        ({"restrictToContacts": True}, "audience"),
    ],
)
def test_what_its_owner_changed_meanwhile_is_not_written_over(
    connection: GoogleWorkspace, tenant: Tenant, change: Mapping[str, object], named: str
) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], ON)
    remote = read(connection, person)
    tenant.patch(STORED, person["id"], **change)
    before = tenant.last_request()

    with pytest.raises(Conflict, match=f"nothing was changed, because {named} changed in"):
        KIND.endpoint.update(connection, remote, person["id"], KIND.spec.body({"status": "off"}))

    assert PUT not in tenant.operations(before)


def test_a_change_takes_two_requests(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    before = tenant.last_request()

    shown = KIND.endpoint.update(connection, remote, person["id"], KIND.spec.body({"status": "always", "text": "Hi"}))

    assert [name for name in tenant.operations(before) if name in (GET, PUT)] == [GET, PUT]
    assert shown == read(connection, person)


def test_whoever_cannot_be_read_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, emptied, fine = users(tenant, "/Staff")[:3]
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)

    seen = read_all(reading, suspended, emptied, fine)

    assert seen[suspended["id"]] == f"the account {suspended['primaryEmail']} is suspended"
    assert seen[emptied["id"]] == f"{emptied['primaryEmail']} has no Gmail"
    assert isinstance(seen[fine["id"]], Remote)


@pytest.mark.parametrize("fault", ["refused", "rejected"])
def test_a_part_of_a_batch_that_fails_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant, fault: str) -> None:
    people = users(tenant, "/Staff")[:5]
    told = {"status": 400, "reason": "badRequest"} if fault == "rejected" else {}
    # A part that is refused is asked for once more by itself.
    tenant.fault(fault, GET, nth=3, **told)
    tenant.fault(fault, GET, nth=6, **told)

    seen = read_all(reading, *people)

    failed = [key for key, one in seen.items() if not isinstance(one, Remote)]
    assert len(failed) == 1
    assert next(one["primaryEmail"] for one in people if one["id"] == failed[0]) in str(seen[failed[0]])


def test_throttled_parts_are_asked_for_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = users(tenant, "/Staff")[:5]
    tenant.fault("throttled", GET, nth=2, times=3, seconds=0)

    seen = read_all(reading, *people)

    assert all(isinstance(one, Remote) for one in seen.values())


def test_where_nobody_can_be_read_the_kind_cannot(tenant: Tenant, google_door: Door) -> None:
    tenant.fault("throttled", GET, times=999, seconds=60)

    answer = ask_for(google_door, teacher(tenant), {"status": "off"})

    assert answer.exit == 4
    assert "google_workspace.vacation: could not be read" in answer.out


@pytest.mark.parametrize("stored", [{"startTime": "soon"}, {"endTime": "9" * 18}])
def test_a_time_that_is_none_makes_its_owner_unknown(
    reading: GoogleWorkspace, tenant: Tenant, stored: Mapping[str, str]
) -> None:
    broken, fine = users(tenant, "/Staff")[:2]
    tenant.put(STORED, broken["id"], {**ON, **stored})

    seen = read_all(reading, broken, fine)

    assert f"reply of {broken['primaryEmail']} cannot be understood" in str(seen[broken["id"]])
    assert isinstance(seen[fine["id"]], Remote)


def test_an_answer_that_says_nothing_of_a_reply_is_no_reply_that_is_off(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    broken, fine = users(tenant, "/Staff")[:2]
    tenant.put(STORED, broken["id"], {"responseSubject": "Away"})

    assert "does not show whether" in str(read_all(reading, broken, fine)[broken["id"]])


def test_somebody_whose_account_was_closed_meanwhile_is_not_written_to(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    person = teacher(tenant)
    remote = read(connection, person)
    tenant.patch("google.users", person["id"], isMailboxSetup=False)

    with pytest.raises(BadAnswer, match=r"nothing was changed, because .* has no Gmail"):
        KIND.endpoint.update(connection, remote, person["id"], KIND.spec.body({"status": "off"}))


def test_what_gmail_does_not_take_is_said_in_its_words(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], {**ON, "startTime": AFTER})

    with pytest.raises(Rejected, match="start time must precede end time"):
        write(connection, person, {"ends": "2026-10-24T00:00:00Z"})


def test_a_reply_is_neither_made_nor_deleted(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)

    with pytest.raises(Rejected, match="no automatic reply to change"):
        KIND.endpoint.create(connection, "12345", {})
    with pytest.raises(Rejected, match="toolkit cannot delete the automatic reply"):
        KIND.endpoint.delete(connection, read(connection, person))


@pytest.mark.parametrize(
    ("stored", "wanted", "exit_code"),
    [
        # Off, with the words of last spring.
        ({"enableAutoReply": False}, {"status": "always"}, 5),
        # On for an absence that is over before this one begins.
        ({"startTime": BEFORE, "endTime": AFTER}, {"status": "scheduled", "begins": "2026-12-18T16:00:00Z"}, 5),
        ({"enableAutoReply": False}, {"status": "always", "text": "Back on Monday"}, 0),
        ({"startTime": BEFORE}, {"status": "scheduled", "ends": "2026-12-18T16:00:00Z"}, 0),
        ({}, {"status": "scheduled", "ends": "2026-12-18T16:00:00Z"}, 0),
    ],
)
def test_nobodys_old_words_are_sent_for_a_new_absence(
    google_door: Door,
    tenant: Tenant,
    stored: Mapping[str, object],
    wanted: Mapping[str, object],
    exit_code: int,
) -> None:
    person = teacher(tenant)
    tenant.put(STORED, person["id"], {**ON, **stored})

    answer = ask_for(google_door, person, wanted)

    assert answer.exit == exit_code
    assert ("this would turn replies on with the text that was sent last" in answer.out) is (exit_code == 5)
    assert (tenant.read_object(STORED, person["id"]) == {**ON, **stored}) is (exit_code == 5)


def ask_for(door: Door, person: Mapping[str, Any], settings: Mapping[str, object]) -> CommandResult:
    written = resource("google_workspace.vacation", person["primaryEmail"], settings)
    door.write("10-reply.yaml", playbook(written))
    return door.toolkit("apply", "--yes")


def read(via: GoogleWorkspace, person: Mapping[str, Any]) -> Remote:
    (seen,) = KIND.endpoint.read(via, NamedOnly(frozenset({person["id"]})))
    assert isinstance(seen, Remote)
    return seen


def read_all(via: GoogleWorkspace, *people: Mapping[str, Any]) -> Mapping[str, Remote | str]:
    """Read some people, with the reason in the place of who is unreadable."""
    found = KIND.endpoint.read(via, NamedOnly(frozenset(one["id"] for one in people)))
    return {one.id: one.reason if isinstance(one, Unreadable) else one for one in found}


def observed(via: GoogleWorkspace, person: Mapping[str, Any]) -> Settings:
    return KIND.spec.observed(read(via, person).body)


def write(via: GoogleWorkspace, person: Mapping[str, Any], settings: Settings) -> Remote:
    shown = KIND.endpoint.update(via, read(via, person), person["id"], KIND.spec.body(settings))
    assert shown
    return shown

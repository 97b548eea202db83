"""Calls on the wire: what is tried again, what is refused, and that nothing is sent twice or unasked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.google_workspace import https
from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import connect, teacher
from toolkit.errors import (
    BadAnswer,
    NotFound,
    Refused,
    Rejected,
    SignInRefused,
    Throttled,
    Unavailable,
    WriteInReadOnlyRun,
)

USERS = "directory.users.list"


def _of(person: str, method: str, mailbox: str) -> Call:
    return Call(f"gmail.users.settings.{method}", {"userId": mailbox}, subject=person)


def _events(person: str, calendar: str) -> Call:
    return Call("calendar.events.list", {"calendarId": calendar}, subject=person)


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("throttled", {"seconds": 0.01}),
        ("unavailable", {"status": 503}),
        ("unavailable", {"status": 500}),
        ("dropped", {}),
        ("rejected", {"status": 403, "reason": "quotaExceeded"}),
        ("rejected", {"status": 403, "reason": "userRateLimitExceeded"}),
        ("rejected", {"status": 403, "reason": "rateLimitExceeded"}),
    ],
)
def test_what_fails_in_passing_is_sent_once_more(
    reading: GoogleWorkspace, tenant: Tenant, fault: str, more: dict[str, object]
) -> None:
    tenant.fault(fault, USERS, **more)

    assert reading.accounts.all()
    assert tenant.operations().count(USERS) == 2


def test_the_service_is_waited_for_as_long_as_it_asks(tenant: Tenant) -> None:
    tenant.fault("throttled", USERS, times=2, seconds=7)
    connection = connect(tenant, TOOLKIT_PATIENCE="1")

    with pytest.raises(Throttled, match="asks to wait 7 s") as raised:
        connection.accounts.all()
    assert raised.value.retry_after == 7
    connection.close()


def test_the_time_in_the_words_of_an_error_is_waited_for(tenant: Tenant) -> None:
    reason = {"status": 403, "reason": "userRateLimitExceeded"}
    tenant.fault("rejected", USERS, **reason, times=2, seconds=840)
    connection = connect(tenant, TOOLKIT_PATIENCE="1")

    with pytest.raises(
        Throttled, match=r"Retry after 2026-.*tried once; .*asks to wait 840 s, which is longer than this run can wait"
    ):
        connection.accounts.all()
    assert tenant.operations().count(USERS) == 1
    connection.close()


@pytest.mark.timing
def test_an_answer_that_came_too_late_is_not_taken_for_the_next(
    reading: GoogleWorkspace, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "SECONDS", 2.0)
    tenant.fault("slow", "directory.customers.get", milliseconds=2500)

    assert reading.tenant().domains == (tenant.domain,)
    assert reading.accounts.all()


@pytest.mark.parametrize("fault", ["refused", "rejected"])
def test_a_role_that_is_missing_is_told(reading: GoogleWorkspace, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, USERS, **({"status": 403, "reason": "forbidden"} if fault == "rejected" else {}))

    with pytest.raises(Refused, match="TOOLKIT_GOOGLE_ADMIN must name an administrator who may read users"):
        reading.accounts.all()


def test_an_api_that_is_not_turned_on_is_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.patch("google.enabledApis", "gmail.googleapis.com", enabled=False)

    with pytest.raises(Refused, match="Enable it by visiting https://") as raised:
        reading.gmail(teacher(tenant)["id"]).send_as()
    assert raised.value.missing == "Gmail API"


def test_a_token_without_the_scope_names_it(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected", USERS, status=403, reason="insufficientPermissions")

    with pytest.raises(Refused) as raised:
        reading.accounts.all()
    assert raised.value.missing.endswith("admin.directory.user.readonly")


def test_other_refusals_are_told_in_the_services_words(connection: GoogleWorkspace, tenant: Tenant) -> None:
    mailbox = connection.gmail(teacher(tenant)["id"])
    tenant.fault("rejected", USERS, status=412, reason="conditionNotMet")

    with pytest.raises(NotFound, match=r"sendAs\.patch for .*: "):
        mailbox.change_send_as("nobody@example.example", {"signature": ""})
    with pytest.raises(Rejected, match="Vacation response subject or body must be non-empty"):
        mailbox.change_vacation({"enableAutoReply": True})


def test_a_precondition_that_is_not_met_is_told(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected", USERS, status=412, reason="conditionNotMet")

    with pytest.raises(Rejected, match="Precondition Failed"):
        reading.accounts.all()


def test_a_run_that_only_reads_sends_no_write(reading: GoogleWorkspace, tenant: Tenant) -> None:
    mailbox = reading.gmail(teacher(tenant)["id"])
    before = tenant.requests()

    with pytest.raises(WriteInReadOnlyRun, match=r"sendAs\.patch"):
        mailbox.change_send_as(mailbox.address, {"signature": ""})
    with pytest.raises(WriteInReadOnlyRun, match="updateAutoForwarding"):
        mailbox.change_auto_forwarding({"enabled": False})
    with pytest.raises(WriteInReadOnlyRun, match=r"groupsSettings\.groups\.patch"):
        reading.groups_settings.patch_many([(f"all-staff@{tenant.domain}", {"includeCustomFooter": "true"})])
    with pytest.raises(WriteInReadOnlyRun, match=r"policies\.delete"):
        reading.policies.delete("policies/any")

    assert tenant.requests() == before


@pytest.mark.parametrize("method", ["directory.users.patch", "directory.users.makeAdmin", "gmail.users.messages.list"])
def test_what_nobody_knows_to_be_a_read_is_a_write(reading: GoogleWorkspace, tenant: Tenant, method: str) -> None:
    with pytest.raises(WriteInReadOnlyRun, match=method):
        reading._admin.read(Call(method))
    with pytest.raises(WriteInReadOnlyRun, match=method):
        reading._admin.batch([Call(USERS, {"customer": "my_customer"}), Call(method)])

    assert tenant.requests() == []


def test_a_method_that_nobody_gave_a_scope_is_not_called(connection: GoogleWorkspace, tenant: Tenant) -> None:
    with pytest.raises(ValueError, match=r"directory\.users\.patch is not among the methods"):
        connection._admin.change(Call("directory.users.patch", {"userKey": "any"}, {"suspended": True}))

    assert tenant.requests() == []


def test_what_creates_is_not_sent_in_a_batch(connection: GoogleWorkspace) -> None:
    with pytest.raises(ValueError, match="cannot be sent in a batch"):
        connection._gmail.batch([Call("gmail.users.settings.filters.create", {"userId": "me"}, {})])


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ([_of("a", "getVacation", "me"), _of("b", "getVacation", "me")], "must name the owner"),
        ([_of("a", "getVacation", "a"), _of("b", "getVacation", "me")], "must name the owner"),
        ([_events("a", "a"), _events("b", "primary")], "must name the owner of the mailbox or calendar"),
        ([_of("a", "updateVacation", "a"), _of("b", "updateVacation", "b")], "together with calls of other people"),
        ([_of("a", "getVacation", "a"), _of("b", "forwardingAddresses.delete", "b")], "within one scope"),
    ],
)
def test_people_share_a_batch_only_to_read_and_by_their_addresses(
    connection: GoogleWorkspace, tenant: Tenant, calls: Sequence[Call], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        connection._gmail.batch(calls)

    assert tenant.requests() == []


def test_a_batch_that_fails_as_a_whole_is_sent_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("unavailable", "$batch")

    (settings,) = reading.groups_settings.get_many([f"all-staff@{tenant.domain}"])

    assert isinstance(settings, dict)
    assert settings["includeCustomFooter"] == "false"


def test_a_token_that_a_batch_refuses_is_renewed_once(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("expired_token", "$batch")

    (settings,) = reading.groups_settings.get_many([f"all-staff@{tenant.domain}"])
    assert isinstance(settings, dict)

    tenant.fault("expired_token", "groupsSettings.groups.get", times=9)
    with pytest.raises(SignInRefused, match="refuses the access token"):
        reading.groups_settings.get_many([f"all-staff@{tenant.domain}"])


def test_a_part_of_a_batch_that_is_not_answered_is_asked_for_again(
    reading: GoogleWorkspace, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = reading._lines._transport
    send = line.send
    batches: list[str] = []

    def lose_one(url: str, **asked: Any) -> object:
        answer, content = send(url, **asked)
        if "/batch" in url:
            batches.append(url)
            boundary = b"--" + answer["content-type"].partition("boundary=")[2].encode()
            first, _, *rest = content.split(boundary)
            content = boundary.join([first, *rest]) if len(batches) == 1 else content
        return answer, content

    monkeypatch.setattr(line, "send", lose_one)

    settings = reading.groups_settings.get_many([f"{part}@{tenant.domain}" for part in ("all-staff", "leadership")])

    assert [isinstance(one, dict) for one in settings] == [True, True]
    assert len(batches) == 2


def test_each_part_of_a_batch_fails_by_itself(connection: GoogleWorkspace, tenant: Tenant) -> None:
    there, other = f"all-staff@{tenant.domain}", f"leadership@{tenant.domain}"
    footer = {"includeCustomFooter": "true", "customFooterText": "Example Primary School"}
    tenant.fault("expired_token", "groupsSettings.groups.patch", nth=3)
    tenant.fault("dropped_after", "$batch")

    changed, missing, too_long = connection.groups_settings.patch_many(
        [(there, footer), ("nobody@example.example", footer), (other, {"customFooterText": "x" * 1001})]
    )

    assert isinstance(changed, dict)
    assert changed["customFooterText"] == "Example Primary School"
    assert isinstance(missing, NotFound)
    assert isinstance(too_long, Rejected)
    assert connection.groups_settings.get(there)["includeCustomFooter"] == "true"


def test_every_group_is_listed(reading: GoogleWorkspace, tenant: Tenant) -> None:
    listed = {group["id"] for group in reading.groups_settings.groups()}

    assert listed == set(tenant.objects("google.groups"))


def test_a_web_filters_page_is_no_answer(
    reading: GoogleWorkspace, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading.tenant()
    _answer_with(reading, monkeypatch, status=403, content=b"<html>Blocked by the school's web filter</html>")
    with pytest.raises(BadAnswer, match="Is a web filter in the way"):
        reading.accounts.all()
    _answer_with(reading, monkeypatch, status=200, content=b"<html>Please sign in</html>")
    with pytest.raises(BadAnswer, match="Is a web filter in the way"):
        reading.accounts.all()
    _answer_with(reading, monkeypatch, status=200, content=b"[]")
    with pytest.raises(BadAnswer, match="not a JSON object"):
        reading.accounts.all()
    (answer,) = reading.groups_settings.get_many([f"all-staff@{tenant.domain}"])
    assert isinstance(answer, BadAnswer)
    assert capfd.readouterr().err == ""


def test_the_services_own_time_is_told_where_it_says_it(
    reading: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reading.clock() is None

    _answer_with(reading, monkeypatch, status=200, content=b"{}", date="Tue, 24 Nov 2026 16:00:00 GMT")
    assert reading.accounts.all() == {}

    assert reading.clock() == datetime(2026, 11, 24, 16, tzinfo=UTC)


def _answer_with(
    connection: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch, *, status: int, content: bytes, **headers: str
) -> None:
    """Have whoever stands in between answer every call of a service, and leave sign-in alone."""
    import httplib2

    line = connection._lines._transport
    send = line.send

    def answer(url: str, **asked: object) -> object:
        if url.endswith("/token"):
            return send(url, **asked)  # type: ignore[arg-type]
        return httplib2.Response({"status": status, "content-type": "text/html", **headers}), content

    monkeypatch.setattr(line, "send", answer)


def test_a_run_that_ends_does_not_go_on_trying(tenant: Tenant) -> None:
    tenant.fault("unavailable", USERS, times=99, seconds=0.01)
    connection = connect(tenant)
    connection.close()

    with pytest.raises(Unavailable, match="the time for this run ended"):
        connection.accounts.all()

"""Settings of mailboxes."""

from typing import Any

import pytest

from connectors.emulator.google_workspace.gmail.html import sanitise
from tests.emulator.google_workspace.asking import Google, refused

_INSIDE = "office@example-primary.example"


@pytest.fixture
def teacher(google: Google) -> str:
    return google.teacher()


@pytest.fixture
def settings(google: Google, teacher: str) -> Any:
    return google.settings(teacher)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<b>Ms A</b>", "<b>Ms A</b>"),
        ("<DIV>one<br/>two</DIV>", "<div>one<br>two</div>"),
        ("a<!-- mark -->b", "ab"),
        ("<p onclick='x()' class=c id=i>a</p>", "<p>a</p>"),
        ("<style>p{}</style><script>x()</script>a", "a"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ("<a href='https://x.example/?a=1&b=2'>a</a>", '<a href="https://x.example/?a=1&amp;b=2">a</a>'),
        ('<p style="COLOR: red; ; position: fixed">a', '<p style="color:red">a</p>'),
        ("5 < 6 & 7\N{NO-BREAK SPACE}8", "5 &lt; 6 &amp; 7&nbsp;8"),
        ("line\nline", "line\nline"),
        ("<form>a<input></form>", "a"),
    ],
)
def test_a_signature_is_cleaned_before_it_is_kept(settings: Any, teacher: str, written: str, kept: str) -> None:
    sent = settings.sendAs().patch(userId="me", sendAsEmail=teacher, body={"signature": written}).execute()

    assert sent["signature"] == kept
    assert settings.sendAs().get(userId="me", sendAsEmail=teacher).execute()["signature"] == kept
    assert sanitise(kept) == kept


def test_signatures_that_people_wrote_themselves_are_in_the_form_they_are_kept_in(google: Google) -> None:
    own = [one["signature"] for one in google.tenant.objects("gmail.sendAs").values() if one["signature"]]

    assert len(own) == 10
    assert [sanitise(one) for one in own] == own


def test_a_patch_leaves_what_it_does_not_name(settings: Any, teacher: str) -> None:
    send_as = settings.sendAs()
    patched = send_as.patch(userId="me", sendAsEmail=teacher, body={"replyToAddress": _INSIDE}).execute()

    assert patched["signature"]
    assert (patched["replyToAddress"], patched["isPrimary"], patched["isDefault"]) == (_INSIDE, True, True)


def test_a_name_that_the_school_fixed_is_silently_kept(google: Google, settings: Any, teacher: str) -> None:
    policies = google.tenant.objects("google.policies")
    key, policy = next(
        (key, one) for key, one in policies.items() if one["setting"]["type"] == "settings/gmail.gmail_name_format"
    )
    setting = {**policy["setting"], "value": {"allowCustomDisplayNames": False}}
    google.tenant.patch("google.policies", key, setting=setting)

    after = settings.sendAs().patch(userId="me", sendAsEmail=teacher, body={"displayName": "The Boss"}).execute()

    assert after["displayName"] == "Amara Ashdown"


def test_a_vacation_reply_always_tells_its_three_switches(settings: Any) -> None:
    switches = {"enableAutoReply": False, "restrictToContacts": False, "restrictToDomain": False}

    assert settings.getVacation(userId="me").execute() == switches


def test_a_vacation_reply_is_set_anew_each_time(settings: Any) -> None:
    body = {"enableAutoReply": True, "responseSubject": "Away", "startTime": 1793000000000.0, "restrictToDomain": True}
    first = settings.updateVacation(userId="me", body=body).execute()
    html = {"enableAutoReply": True, "responseBodyHtml": "<p>Away<script>x</script>", "responseBodyPlainText": "Away"}

    second = settings.updateVacation(userId="me", body=html).execute()

    assert first["startTime"] == "1793000000000"
    assert second == {
        "enableAutoReply": True, "restrictToContacts": False, "restrictToDomain": False,
        "responseBodyHtml": "<p>Away</p>",
    }  # fmt: skip
    assert settings.getVacation(userId="me").execute() == second


@pytest.mark.parametrize(
    "body",
    [
        {"enableAutoReply": True},
        {"enableAutoReply": True, "responseSubject": ""},
        {"enableAutoReply": True, "responseSubject": "x", "startTime": "2", "endTime": "1"},
        {"enableAutoreply": True, "responseSubject": "x"},
        {"enableAutoReply": True, "responseSubject": "x", "startTime": "tomorrow"},
    ],
)
def test_a_vacation_reply_that_says_nothing_sensible_is_refused(settings: Any, body: dict[str, Any]) -> None:
    assert refused(settings.updateVacation(userId="me", body=body)).status == 400


def test_forwarding_needs_an_address_that_agreed(settings: Any) -> None:
    to = {"enabled": True, "emailAddress": _INSIDE, "disposition": "archive"}

    answer = refused(settings.updateAutoForwarding(userId="me", body=to))
    settings.forwardingAddresses().create(userId="me", body={"forwardingEmail": _INSIDE}).execute()
    outside = settings.forwardingAddresses().create(userId="me", body={"forwardingEmail": "a@elsewhere.example"})

    assert (answer.status, answer.reason, answer.canonical) == (400, "failedPrecondition", "FAILED_PRECONDITION")
    assert answer.message == "Unrecognized forwarding address"
    assert settings.updateAutoForwarding(userId="me", body=to).execute() == to
    assert outside.execute()["verificationStatus"] == "pending"
    pending = {**to, "emailAddress": "a@elsewhere.example"}
    assert refused(settings.updateAutoForwarding(userId="me", body=pending)).reason == "failedPrecondition"


def test_forwarding_that_is_turned_off_still_tells_where_it_went(settings: Any) -> None:
    settings.forwardingAddresses().create(userId="me", body={"forwardingEmail": _INSIDE}).execute()
    to = {"enabled": True, "emailAddress": _INSIDE, "disposition": "archive"}
    settings.updateAutoForwarding(userId="me", body=to).execute()

    off = settings.updateAutoForwarding(userId="me", body={"enabled": False}).execute()

    assert off == {**to, "enabled": False}
    settings.forwardingAddresses().delete(userId="me", forwardingEmail=_INSIDE).execute()
    assert settings.getAutoForwarding(userId="me").execute() == {"enabled": False}
    assert settings.forwardingAddresses().list(userId="me").execute() == {}


def test_a_filter_is_kept_in_one_form_and_cannot_be_made_twice(settings: Any) -> None:
    filters = settings.filters()
    body = {
        "criteria": {"subject": "  school   trip ", "to": "Office@Example.example"},
        "action": {"addLabelIds": ["TRASH"], "forward": ""},
    }

    made = filters.create(userId="me", body=body).execute()

    assert made["criteria"] == {"subject": "school trip", "to": "office@example.example"}
    assert made["action"] == {"addLabelIds": ["TRASH"]}
    assert refused(filters.create(userId="me", body=body)).message == "Filter already exists"
    assert filters.list(userId="me").execute() == {"filter": [made]}
    filters.delete(userId="me", id=made["id"]).execute()
    assert refused(filters.delete(userId="me", id=made["id"])).status == 404


@pytest.mark.parametrize(
    ("criteria", "action", "words"),
    [
        ({}, {"addLabelIds": ["TRASH"]}, "criteria"),
        ({"from": "a@b.example"}, {}, "actions"),
        ({"from": "a@b.example"}, {"addLabelIds": ["Label_7"]}, "Invalid label: Label_7"),
        ({"from": "a@b.example"}, {"forward": "a@elsewhere.example"}, "Unrecognized forwarding address"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(settings: Any, criteria: Any, action: Any, words: str) -> None:
    answer = refused(settings.filters().create(userId="me", body={"criteria": criteria, "action": action}))

    assert answer.status == 400
    assert words in answer.message


def test_a_mailbox_is_its_owners_alone(google: Google, teacher: str) -> None:
    mine = google.service("gmail").users().settings()

    answer = refused(mine.getVacation(userId=teacher))

    assert (answer.status, answer.reason) == (403, "forbidden")
    assert answer.message == f"Delegation denied for {google.administrator}"
    assert mine.getVacation(userId=google.administrator).execute()


def test_a_person_without_gmail_has_no_settings(google: Google) -> None:
    answer = refused(google.settings("breakglass@example-primary.example").sendAs().list(userId="me"))

    assert (answer.status, answer.reason, answer.message) == (400, "failedPrecondition", "Mail service not enabled")
    assert answer.canonical == "FAILED_PRECONDITION"


def test_an_application_for_itself_has_no_mailbox(google: Google) -> None:
    assert refused(google.settings("").getVacation(userId="me")).reason == "failedPrecondition"


def test_a_person_who_is_suspended_while_the_token_lives_is_refused(google: Google, settings: Any) -> None:
    settings.getVacation(userId="me").execute()
    google.tenant.patch("google.users", google.person(orgUnitPath="/Staff")["id"], suspended=True)

    assert refused(settings.getVacation(userId="me")).reason == "failedPrecondition"

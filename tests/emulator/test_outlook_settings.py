"""Settings of mailboxes, and their automatic replies."""

import pytest

from tests.emulated import Tenant
from tests.emulator.outlook import Outlook, at, refused

AWAY = {
    "status": "scheduled",
    "externalAudience": "all",
    "internalReplyMessage": "<p>Away</p>",
    "externalReplyMessage": "<p>Away, dear parents</p>",
    "scheduledStartDateTime": at("2026-11-12T00:00:00", "Europe/London"),
    "scheduledEndDateTime": at("2026-11-16T08:00:00", "Europe/London"),
}
PAGE = "<html>\n<body>\n{}\n</body>\n</html>\n"


@pytest.fixture
def outlook(tenant: Tenant) -> Outlook:
    return Outlook(tenant)


def test_a_new_mailbox_replies_nothing(outlook: Outlook) -> None:
    settings = outlook.ask("amara.ashdown", "mailboxSettings").json()

    assert (settings["timeZone"], settings["userPurpose"]) == ("GMT Standard Time", "user")
    assert settings["automaticRepliesSetting"] == {
        "status": "disabled", "externalAudience": "all", "internalReplyMessage": "", "externalReplyMessage": "",
        "scheduledStartDateTime": at("2026-11-10T09:00:00.0000000"),
        "scheduledEndDateTime": at("2026-11-11T09:00:00.0000000"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("office", "shared"), ("hall", "room"), ("minibus", "equipment"), ("gethin.leaver", "user"), ("scanner", "user")],
)
def test_a_mailbox_tells_what_it_is_for(outlook: Outlook, name: str, purpose: str) -> None:
    assert outlook.ask(name, "mailboxSettings/userPurpose").json()["value"] == purpose


def test_a_reply_comes_back_as_a_page_with_its_times_in_utc(outlook: Outlook) -> None:
    answer = outlook.change("amara.ashdown", AWAY)

    kept = answer.json()["automaticRepliesSetting"]
    assert answer.status_code == 200
    assert kept["internalReplyMessage"] == PAGE.format("<p>Away</p>")
    assert kept["scheduledEndDateTime"] == at("2026-11-16T08:00:00.0000000")
    assert outlook.change("amara.ashdown", kept).json()["automaticRepliesSetting"] == kept
    assert outlook.replies("amara.ashdown").items() >= kept.items()


def test_a_reply_in_summer_ends_an_hour_earlier_in_utc(outlook: Outlook) -> None:
    outlook.tenant.set_now("2026-10-20T09:00:00Z")
    times = {
        "scheduledStartDateTime": at("2026-10-23T16:00:00", "GMT Standard Time"),
        "scheduledEndDateTime": at("2026-11-02T08:00:00", "Europe/London"),
    }

    outlook.change("amara.ashdown", {**AWAY, **times})

    utc = outlook.replies("amara.ashdown")
    local = outlook.replies("amara.ashdown", Prefer='outlook.timezone="Europe/London"')
    assert utc["scheduledStartDateTime"] == at("2026-10-23T15:00:00.0000000")
    assert utc["scheduledEndDateTime"] == at("2026-11-02T08:00:00.0000000")
    assert local["scheduledStartDateTime"] == at("2026-10-23T16:00:00.0000000", "Europe/London")


def test_a_reply_turned_on_without_a_text_says_what_was_said_before(outlook: Outlook) -> None:
    answer = outlook.change("dilys.dewhurst", {"status": "alwaysEnabled"})

    kept = answer.json()["automaticRepliesSetting"]
    assert kept["internalReplyMessage"] == PAGE.format("<p>I was on a course last spring.</p>")


def test_a_reply_stays_scheduled_after_it_has_ended(outlook: Outlook) -> None:
    replies = outlook.replies("petra.pinewood")

    assert (replies["status"], replies["scheduledEndDateTime"]) == ("scheduled", at("2026-10-27T17:00:00.0000000"))
    assert outlook.change("petra.pinewood", {"status": "disabled"}).ok


def test_some_times_come_in_the_zone_of_the_mailbox(outlook: Outlook) -> None:
    replies = outlook.replies("samir.sorrelby")

    assert replies["scheduledStartDateTime"] == at("2026-11-23T07:00:00.0000000", "GMT Standard Time")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scheduledEndDateTime": at("2026-11-12T00:00:00", "Europe/London")}, "ErrorInvalidScheduledOofDuration"),
        ({"scheduledStartDateTime": at("2026-11-17T00:00:00")}, "ErrorInvalidScheduledOofDuration"),
        (
            {"scheduledStartDateTime": at("2026-11-01T00:00:00"), "scheduledEndDateTime": at("2026-11-10T09:00:00")},
            "ErrorInvalidScheduledOofDuration",
        ),
        ({"scheduledStartDateTime": at("2026-11-12T00:00:00Z")}, "ErrorInvalidParameter"),
        ({"scheduledStartDateTime": at("2026-11-12T00:00:00", "Mars")}, "TimeZoneNotSupportedException"),
        ({"status": "sometimes"}, "RequestBodyRead"),
        ({"internalMessage": "x"}, "RequestBodyRead"),
    ],
)
def test_a_reply_that_makes_no_sense_is_refused(outlook: Outlook, changes: dict[str, object], code: str) -> None:
    assert refused(outlook.change("amara.ashdown", {**AWAY, **changes})) == (400, code)
    assert outlook.replies("amara.ashdown")["status"] == "disabled"


def test_other_settings_are_left_as_they_are(outlook: Outlook) -> None:
    outlook.ask("harun.hazelwood", "mailboxSettings", method="PATCH", application="writer", body={"timeZone": "UTC"})

    settings = outlook.ask("harun.hazelwood", "mailboxSettings?$select=timeZone,workingHours").json()

    assert settings["timeZone"] == "UTC"
    assert settings["workingHours"]["daysOfWeek"] == ["monday", "tuesday", "wednesday"]
    purpose = {"userPurpose": "room"}
    answer = outlook.ask("office", "mailboxSettings", method="PATCH", application="writer", body=purpose)
    assert refused(answer) == (400, "ErrorInvalidPropertySet")


def test_who_only_reads_changes_nothing(outlook: Outlook) -> None:
    assert refused(outlook.change("amara.ashdown", AWAY, application="reader")) == (403, "ErrorAccessDenied")


def test_three_have_forgotten_their_reply(outlook: Outlook) -> None:
    forgotten = {name: outlook.replies(name) for name in ("beth.birchall", "dilys.dewhurst", "edwin.elmsworth")}

    assert [one["status"] for one in forgotten.values()] == ["disabled", "disabled", "scheduled"]
    assert forgotten["edwin.elmsworth"]["scheduledEndDateTime"] == at("2026-11-13T17:00:00.0000000")
    assert outlook.replies("keira.kestrel")["status"] == "alwaysEnabled"


def test_some_shared_mailboxes_say_that_the_school_is_closed(outlook: Outlook) -> None:
    replies = {name: outlook.replies(name) for name in ("office", "admissions", "safeguarding", "head")}

    assert {name: one["status"] for name, one in replies.items()} == {
        "office": "scheduled", "admissions": "disabled", "safeguarding": "disabled", "head": "alwaysEnabled",
    }  # fmt: skip
    assert replies["office"]["scheduledEndDateTime"] == at("2027-01-04T08:00:00.0000000")
    assert "closed" in replies["safeguarding"]["internalReplyMessage"]

"""Automatic replies on the wire: whose own words stay, who is unreadable alone, and what is not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.automatic_reply import KIND, AutomaticReplies
from tests.cases import newest, playbook, resource, writes
from tests.door import Door
from tests.emulated import Tenant, whole_school
from tests.emulator.outlook import Outlook, at
from tests.microsoft365.connected import connect
from toolkit.errors import BadAnswer, Conflict, Refused, Rejected, RequestFailed, Throttled
from toolkit.sdk.connector import Identity
from toolkit.sdk.endpoint import Everything, NamedOnly, Write
from toolkit.sdk.markup import text_to_html, to_plain_text
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body, Settings

READ, WRITE = "GET /users/{id}/mailboxSettings", "PATCH /users/{id}/mailboxSettings"
HOLIDAY = {
    "status": "scheduled",
    "begins": "2026-12-18T16:00:00Z",
    "ends": "2027-01-04T08:00:00Z",
    "internal": "Closed.",
    "external": "The school is closed.",
}
THEIRS = '<html><body><div style="color: red"><b>Away</b>, back soon<br>Edwin</div></body></html>'


@dataclass(frozen=True)
class Replies:
    """The replies of a tenant's people, read and changed through the kind."""

    outlook: Outlook
    via: Microsoft365

    @property
    def tenant(self) -> Tenant:
        return self.outlook.tenant

    def read(self, *names: str) -> list[Remote | Unreadable]:
        ids = frozenset(self.outlook.key(name) for name in names)
        return list(AutomaticReplies().read(self.via, NamedOnly(ids)))

    def read_only_reply(self, name: str) -> Remote:
        (found,) = self.read(name)
        assert isinstance(found, Remote)
        return found

    def settings(self, name: str) -> Settings:
        return KIND.spec.observed(self.read_only_reply(name).body)

    def change(self, remote: Remote, written: Mapping[str, Any]) -> Remote:
        return AutomaticReplies().update(self.via, remote, remote.name, _body(written))

    def store(self, name: str, **replies: Any) -> None:
        """Store what a mailbox replies, as it is kept."""
        key = self.outlook.key(name)
        before = self.tenant.objects("outlook.mailboxSettings").get(key, {})
        kept = {**before.get("automaticRepliesSetting", {}), **replies}
        self.tenant.put("outlook.mailboxSettings", key, {**before, "automaticRepliesSetting": kept})


def _body(written: Mapping[str, Any]) -> Body:
    return KIND.spec.body(KIND.spec.desired(written))


@pytest.fixture
def replies(tenant: Tenant, connection: Microsoft365) -> Replies:
    return Replies(Outlook(tenant), connection)


def test_a_reply_is_read_as_a_reader_sees_it(replies: Replies) -> None:
    assert replies.settings("edwin.elmsworth") == {
        "status": "scheduled",
        "begins": "2026-11-09T17:00:00Z",
        "ends": "2026-11-13T17:00:00Z",
        "internal": "Thank you for your message. I am away and will answer when I am back.",
        "external": "Thank you for your message. I am away and will answer when I am back.",
        "audience": "all",
    }


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (
            at("2026-10-23T16:00:00.0000000", "GMT Standard Time"),
            at("2026-11-02T08:00:00.0000000", "GMT Standard Time"),
        ),
        (at("2026-10-23T16:00:00.0000000", "Europe/London"), at("2026-11-02T08:00:00.0000000", "Europe/London")),
        (
            at("2026-10-23T17:00:00.0000000", "W. Europe Standard Time"),
            at("2026-11-02T03:00:00.0000000", "Eastern Standard Time"),
        ),
        (at("2026-10-23T15:00:00.0000000"), at("2026-11-02T08:00:00.0000000")),
    ],
)
def test_a_holiday_across_the_end_of_summer_time_is_the_same_in_every_zone(
    replies: Replies, begins: Mapping[str, str], ends: Mapping[str, str]
) -> None:
    replies.store("amara.ashdown", status="scheduled", scheduledStartDateTime=begins, scheduledEndDateTime=ends)

    seen, wanted = (
        replies.settings("amara.ashdown"),
        KIND.spec.desired(
            {"status": "scheduled", "begins": "2026-10-23T16:00:00+01:00", "ends": "2026-11-02T08:00:00+00:00"}
        ),
    )

    assert {name: seen[name] for name in wanted} == wanted


def test_a_mailbox_in_a_zone_that_is_not_known_is_unreadable_alone(replies: Replies) -> None:
    replies.store("amara.ashdown", status="scheduled", scheduledStartDateTime=at("2026-11-12T00:00:00", "UTC"))
    replies.store("beth.birchall", status="scheduled", scheduledStartDateTime=at("2026-11-12T00:00:00", "Narnia"))

    seen = {one.name: one for one in replies.read("amara.ashdown", "beth.birchall")}

    assert isinstance(seen[replies.outlook.key("amara.ashdown")], Remote)
    unreadable = seen[replies.outlook.key("beth.birchall")]
    assert isinstance(unreadable, Unreadable)
    assert "the time zone 'Narnia' is unknown" in unreadable.reason


@pytest.mark.parametrize("text", ["Away.", "A\n\nB & <3\nC", " One \r\nTwo\n\n\n\nThree  "])
def test_a_text_that_comes_back_as_a_page_is_the_text_that_was_sent(replies: Replies, text: str) -> None:
    replies.change(replies.read_only_reply("amara.ashdown"), {"internal": text})

    stored = replies.outlook.replies("amara.ashdown")["internalReplyMessage"]
    assert stored.startswith("<html>")
    assert replies.settings("amara.ashdown")["internal"] == KIND.spec.desired({"internal": text})["internal"]


def test_what_a_reader_does_not_see_is_no_text() -> None:
    page = (
        "<html><head><meta charset=utf-8><style>p {color: red}</style><title>Reply</title></head><body>\n"
        "<div>Hello&nbsp; <i>you</i></div>\n<div>Back on <span>Monday</span></div>\n<ul><li>a</li><li>b</li></ul>"
    )

    assert to_plain_text(page) == "Hello you\nBack on Monday\n\na\nb"
    assert to_plain_text(text_to_html(to_plain_text(page))) == to_plain_text(page)


def test_where_only_the_end_moves_the_texts_stay_to_the_byte(replies: Replies) -> None:
    replies.store("edwin.elmsworth", internalReplyMessage=THEIRS, externalReplyMessage=THEIRS)
    before = replies.outlook.replies("edwin.elmsworth")

    replies.change(replies.read_only_reply("edwin.elmsworth"), {"status": "scheduled", "ends": "2026-11-19T00:00:00Z"})

    after = replies.outlook.replies("edwin.elmsworth")
    assert after.pop("scheduledEndDateTime") == at("2026-11-19T00:00:00.0000000")
    assert after == {name: value for name, value in before.items() if name != "scheduledEndDateTime"}


def test_where_a_playbook_moves_only_the_end_the_texts_stay_to_the_byte(bare_door: Door) -> None:
    outlook = Outlook(bare_door.tenant)
    Replies(outlook, connect(bare_door.tenant)).store("edwin.elmsworth", internalReplyMessage=THEIRS)
    wanted = {"status": "scheduled", "ends": "2026-11-19T00:00:00Z"}
    bare_door.write("10-reply.yaml", playbook(resource(_KIND, outlook.address("edwin.elmsworth"), wanted)))

    assert bare_door.toolkit("apply", "--yes").exit == 0
    kept = outlook.replies("edwin.elmsworth")
    assert (kept["internalReplyMessage"], kept["scheduledStartDateTime"]) == (THEIRS, at("2026-11-09T17:00:00.0000000"))
    assert bare_door.toolkit("plan").exit == 0


def test_a_reply_that_somebody_changed_meanwhile_is_not_changed(replies: Replies) -> None:
    remote = replies.read_only_reply("edwin.elmsworth")
    replies.store("edwin.elmsworth", internalReplyMessage=THEIRS)
    kept = replies.outlook.replies("edwin.elmsworth")

    with pytest.raises(Conflict, match="nothing was changed, because internal"):
        replies.change(remote, HOLIDAY)

    assert replies.outlook.replies("edwin.elmsworth") == kept
    assert WRITE not in replies.tenant.operations()


def test_a_schedule_that_is_over_is_refused_in_plain_words(replies: Replies) -> None:
    past = {**HOLIDAY, "begins": "2026-10-23T15:00:00Z", "ends": "2026-11-02T08:00:00Z"}

    with pytest.raises(Rejected, match=r"a reply from 2026-10-23T15:00:00 to 2026-11-02T08:00:00. It must end"):
        replies.change(replies.read_only_reply("beth.birchall"), past)

    assert replies.settings("beth.birchall")["status"] == "off"


@pytest.mark.parametrize(("named", "missing"), [("ends", "begins"), ("begins", "ends")])
def test_a_new_schedule_needs_both_its_times(replies: Replies, named: str, missing: str) -> None:
    half = {name: value for name, value in HOLIDAY.items() if name != missing}

    with pytest.raises(Rejected, match=f"a new schedule also needs {missing}"):
        replies.change(replies.read_only_reply("beth.birchall"), half)

    assert named in half
    assert WRITE not in replies.tenant.operations()


def test_turning_a_reply_off_leaves_its_text(replies: Replies) -> None:
    before = replies.outlook.replies("petra.pinewood")  # its schedule is over, and Outlook would take it no more

    replies.change(replies.read_only_reply("petra.pinewood"), KIND.lifecycle.withdrawn(HOLIDAY) or {})

    after = replies.outlook.replies("petra.pinewood")
    assert after == {**before, "status": "disabled"}


@pytest.mark.parametrize(
    ("name", "wanted", "missing"),
    [
        ("dilys.dewhurst", {"status": "always"}, "internal and external"),
        ("dilys.dewhurst", {"status": "always", "internal": "Away."}, "external"),
        ("dilys.dewhurst", {"status": "always", "internal": "Away.", "audience": "none"}, ""),
        ("edwin.elmsworth", {"status": "always"}, ""),
    ],
)
def test_a_reply_is_not_turned_on_with_a_text_of_the_past(
    bare_door: Door, name: str, wanted: dict[str, str], missing: str
) -> None:
    address = Outlook(bare_door.tenant).address(name)
    bare_door.write("10-reply.yaml", playbook(resource(_KIND, address, wanted)))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == (5 if missing else 0)
    assert len(writes(bare_door, before)) == (0 if missing else 1)
    said = " ".join(answer.out.split())
    assert (f"this would turn replies on with the previous text. Also name {missing}" in said) == bool(missing)


_KIND = "microsoft365.automatic_reply"


def test_who_has_no_mailbox_is_unreadable_alone_and_who_has_no_account_is_not_there(replies: Replies) -> None:
    ids = [replies.outlook.key(name) for name in ("amara.ashdown", "breakglass")]

    seen = list(AutomaticReplies().read(replies.via, NamedOnly(frozenset([*ids, "nobody@example-primary.example"]))))

    assert [(type(one), one.name) for one in seen] == [(Remote, ids[0]), (Unreadable, ids[1])]
    assert isinstance(seen[1], Unreadable)
    assert "this person has no active mailbox in Exchange Online" in seen[1].reason


def test_a_mailbox_that_the_app_may_not_open_is_unreadable_alone(tenant: Tenant, reading: Microsoft365) -> None:
    replies = Replies(Outlook(tenant), reading)
    client_id = tenant.applications["reader"]["client_id"]
    tenant.put("outlook.applicationAccess", client_id, {"mailboxes": [replies.outlook.key("amara.ashdown")]})

    seen = replies.read("amara.ashdown", "beth.birchall")

    assert {type(one) for one in seen} == {Remote, Unreadable}
    (unreadable,) = [one for one in seen if isinstance(one, Unreadable)]
    assert "lets this app open other mailboxes but not this mailbox" in unreadable.reason


def test_without_the_permission_nobody_is_read_and_it_is_named(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["User.Read.All", "Mail.Read"])
    via = connect(tenant, identity=Identity.READ, read_only=True)

    with pytest.raises(Refused) as raised:
        Replies(Outlook(tenant), via).read("amara.ashdown", "beth.birchall")
    via.close()

    assert raised.value.missing == "MailboxSettings.Read"


def test_an_app_that_may_not_write_is_told_what_it_needs(tenant: Tenant) -> None:
    via = connect(tenant, identity=Identity.READ)
    replies = Replies(Outlook(tenant), via)

    with pytest.raises(Refused, match=r"needs MailboxSettings\.ReadWrite"):
        replies.change(replies.read_only_reply("amara.ashdown"), {"internal": "Away."})
    via.close()


@whole_school
def test_everybody_of_the_tenant_can_be_read(replies: Replies) -> None:
    seen = list(AutomaticReplies().read(replies.via, Everything()))

    assert {one.id for one in seen} == {str(user["id"]) for user in replies.tenant.objects("users").values()}
    assert sum(isinstance(one, Remote) for one in seen) > 200


def test_many_are_changed_in_a_request_to_look_and_one_to_change_for_each_twenty(replies: Replies) -> None:
    names = [one["mail"].partition("@")[0] for one in replies.tenant.objects("users").values() if one.get("mail")][:30]
    found = [one for one in replies.read(*names) if isinstance(one, Remote)]
    before = replies.via.requests()

    outcomes = _write(replies.via, found)

    assert replies.via.requests() - before == 4
    assert [one.name for one in outcomes if isinstance(one, Remote)] == [one.name for one in found]
    assert {KIND.spec.observed(one.body)["internal"] for one in outcomes if isinstance(one, Remote)} == {"Closed."}


def test_a_change_that_stays_throttled_is_told_of_its_own_and_the_others_go_through(tenant: Tenant) -> None:
    via = connect(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})
    replies = Replies(Outlook(tenant), via)
    found = [one for one in replies.read("amara.ashdown", "beth.birchall") if isinstance(one, Remote)]
    tenant.fault("throttled", WRITE, nth=2, seconds=9)

    outcomes = _write(via, found)
    via.close()

    assert [type(one) for one in outcomes] == [Remote, Throttled]


@pytest.mark.parametrize("fault", ["throttled", "throttled_after", "unavailable_after", "expired_token"])
def test_a_change_that_fails_in_passing_is_sent_again(replies: Replies, fault: str) -> None:
    found = [one for one in replies.read("amara.ashdown", "beth.birchall") if isinstance(one, Remote)]
    replies.tenant.fault(fault, WRITE, nth=2, seconds=0.01)

    assert [type(one) for one in _write(replies.via, found)] == [Remote, Remote]
    assert replies.tenant.operations().count(WRITE) == 3


def test_what_cannot_be_read_again_is_not_written(replies: Replies) -> None:
    found = [one for one in replies.read("amara.ashdown", "beth.birchall") if isinstance(one, Remote)]
    replies.tenant.fault("refused", READ, nth=1)

    first, second = _write(replies.via, found)

    assert isinstance(first, BadAnswer)
    assert "nothing was changed, because the reply could not be read again first" in str(first)
    assert isinstance(second, Remote)


def _write(via: Microsoft365, found: list[Remote]) -> list[Remote | RequestFailed]:
    return list(AutomaticReplies().write_many(via, [Write(one.name, _body(HOLIDAY), one) for one in found]))

"""What a change of a retention policy reaches: counted before and after it, with whose it is."""

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.retention_policy import KIND
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import HEAD, OFFICE, person
from tests.schools import twenty_people
from toolkit.errors import BadAnswer
from toolkit.sdk.targets import Extent
from toolkit.values import Settings

pytestmark = twenty_people

DELETES: Settings = {"enabled": True, "keep_days": 30, "action": "delete", "from": "created"}
KEEPS: Settings = {**DELETES, "action": "keep"}


def _extent(via: Microsoft365, before: Settings | None, after: Settings | None) -> Extent:
    assert KIND.evidence.extent is not None
    return KIND.evidence.extent(via, before, after)


def test_everything_of_a_place_is_counted_in_the_tenant(connection: Microsoft365, tenant: Tenant) -> None:
    for key in list(tenant.objects("groups"))[:2]:
        tenant.patch("groups", key, groupTypes=["Unified"])
    boxes = tenant.objects("exchange.mailboxes").values()
    people = sum(one["RecipientTypeDetails"] == "UserMailbox" for one in boxes)
    assert people < len(boxes)

    kept = _extent(connection, None, {**DELETES, "mail": ("all",), "files": ("all",), "groups": ("all",)})
    said = _extent(connection, None, {**DELETES, "teams_chats": ("all",), "teams_channels": ("all",)})

    assert kept.counts == (
        f"{len(boxes)} mailboxes",
        "20 OneDrive sites, as of 2026-11-07",
        "2 Microsoft 365 groups",
    )
    assert said.counts == (f"the chats of {people} people", "the channels of 2 teams, at most")


def test_people_are_known_by_account_and_address_and_those_left_out_are_not_reached(
    connection: Microsoft365, tenant: Tenant
) -> None:
    head, office = person(tenant, HEAD), person(tenant, OFFICE)

    one = _extent(connection, None, {**DELETES, "mail": (office.address,)})
    others = _extent(connection, None, {**DELETES, "mail": ("all",), "mail_except": (head.address,)})

    assert [one.has_data_of_any([held]) for held in (office.id, office.address, head.id)] == [True, True, False]
    assert [others.has_data_of_any([held]) for held in (office.id, head.id, head.address)] == [True, False, False]
    assert others.counts[0].endswith(" mailboxes, without the exceptions")


def test_what_a_policy_leaves_is_reached_too(connection: Microsoft365, tenant: Tenant) -> None:
    head, office = person(tenant, HEAD), person(tenant, OFFICE)
    before = {**KEEPS, "mail": (head.address, office.address)}

    narrower = _extent(connection, before, {**KEEPS, "mail": (office.address,)})
    gone = _extent(connection, before, None)

    assert (narrower.counts, narrower.has_data_of_any([head.id])) == (("2 mailboxes",), True)
    assert "kept only for 30 days" in narrower.effects[0]
    assert (gone.has_data_of_any([head.id]), "are no longer kept" in gone.effects[0]) == (True, True)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"RetentionDuration": "2555"},
            "the policy does not delete mail yet, because 'Staff mail 7 years' keeps it for 2555 days",
        ),
        (
            {"RetentionDuration": "Unlimited"},
            "the policy does not delete mail yet, because 'Staff mail 7 years' keeps it for ever",
        ),
        ({"RetentionDuration": "29"}, "the policy permanently deletes mail older than 30 days"),
        ({"RetentionComplianceAction": "Delete"}, "the policy permanently deletes mail older than 30 days"),
        ({"ContentMatchQuery": "subject:trip"}, "the policy permanently deletes mail older than 30 days"),
    ],
)
def test_what_another_policy_keeps_for_longer_is_not_said_to_be_deleted(
    connection: Microsoft365, tenant: Tenant, rule: dict[str, object], said: str
) -> None:
    (key,) = tenant.objects("compliance.retentionRules")
    tenant.patch("compliance.retentionRules", key, **rule)

    deleting = _extent(connection, None, {**DELETES, "mail": ("all",)})

    assert deleting.effects[0].startswith(said)
    boxes = len(tenant.objects("exchange.mailboxes"))
    where = f", in {boxes} mailboxes, unless another policy or a legal hold keeps it"
    assert deleting.effects[0].endswith(where) == ("permanently" in said)


def test_a_mailbox_that_is_not_found_leaves_it_unknown(connection: Microsoft365) -> None:
    with pytest.raises(BadAnswer, match="1 mailbox of the policy cannot be found"):
        _extent(connection, None, {**DELETES, "mail": ("nobody@example-primary.example",)})

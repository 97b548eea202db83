"""Who is on hold, by whatever Exchange and eDiscovery show, no matter who placed the hold."""

from dataclasses import replace

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.legal_holds.in_place_holds import Mark, includes_legal_hold, read_mark
from connectors.microsoft365.legal_holds.mailbox import read_owner
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import HEAD, LEAVER, MATTER, OFFICE, mailbox, person
from toolkit.sdk.legal_holds import OnHold, Service
from toolkit.values import Body

GUID = "cdbbb86ce60342489bff371876e7f224"
CASE_HOLD, IN_PLACE, POLICY = "UniH7d895d48-7e23-4a8d-8346-533c3beac15d", f"cld{GUID}", f"mbx{GUID}:3"
ODD = f"xyz{GUID}:1"


@pytest.mark.parametrize(
    ("entry", "mark"),
    [
        (CASE_HOLD, Mark.HOLD),
        (CASE_HOLD.upper(), Mark.HOLD),
        ("c0ba3ce811b6432a8751430937152491", Mark.HOLD),
        (IN_PLACE, Mark.HOLD),
        (f"mbx{GUID}:1", Mark.RETENTION),
        (f"mbx{GUID}:2", Mark.RETENTION),
        (POLICY, Mark.RETENTION),
        (f"skp{GUID}:3", Mark.RETENTION),
        (f"grp{GUID}:3", Mark.RETENTION),
        (f"mbx{GUID}", Mark.RETENTION),
        (f"-mbx{GUID}", Mark.RETENTION),
        (f"mbx{GUID}:9", Mark.UNKNOWN),
        ("mbx", Mark.UNKNOWN),
        ("UniH", Mark.UNKNOWN),
        (f"-UniH{GUID}", Mark.UNKNOWN),
        (ODD, Mark.UNKNOWN),
        ("", Mark.UNKNOWN),
    ],
)
def test_each_entry_of_in_place_holds_is_a_hold_a_policy_or_unknown(entry: str, mark: Mark) -> None:
    assert read_mark(entry) is mark


@pytest.mark.parametrize(
    ("marks", "held"),
    [
        (None, None),
        ((), False),
        ((POLICY,), False),
        ((POLICY, ODD), None),
        ((ODD, CASE_HOLD), True),
        ((POLICY, IN_PLACE), True),
    ],
)
def test_a_known_hold_outranks_an_unknown_entry_and_both_outrank_policies(
    marks: tuple[str, ...] | None, held: object
) -> None:
    assert includes_legal_hold(marks) is held


@pytest.mark.parametrize(
    ("row", "held"),
    [
        ({"LitigationHoldEnabled": False, "InPlaceHolds": []}, False),
        ({"LitigationHoldEnabled": False, "InPlaceHolds": [POLICY]}, False),
        ({"LitigationHoldEnabled": True, "InPlaceHolds": [ODD]}, True),
        ({"LitigationHoldEnabled": None, "InPlaceHolds": [CASE_HOLD]}, True),
        ({"LitigationHoldEnabled": None, "InPlaceHolds": []}, None),
        ({"LitigationHoldEnabled": False}, None),
        ({"LitigationHoldEnabled": False, "InPlaceHolds": CASE_HOLD}, None),
        ({"LitigationHoldEnabled": False, "InPlaceHolds": [ODD]}, None),
    ],
)
def test_a_mailbox_is_free_only_where_both_its_hold_and_its_marks_are_told(row: Body, held: object) -> None:
    assert read_owner({"Guid": "1", **row}).held is held


def test_every_place_that_shows_a_hold_is_read(connection: Microsoft365, tenant: Tenant) -> None:
    head, leaver, office = (person(tenant, alias) for alias in (HEAD, LEAVER, OFFICE))
    before = connection.holding.read_accounts_on_hold()
    ((organisation, _),) = tenant.objects("exchange.organizationConfig").items()

    tenant.patch("exchange.mailboxes", mailbox(tenant, HEAD)["Guid"], InPlaceHolds=[POLICY, CASE_HOLD])
    tenant.patch("exchange.mailboxes", mailbox(tenant, OFFICE)["Guid"], InPlaceHolds=[ODD])
    marked = connection.holding.read_accounts_on_hold()
    tenant.patch("exchange.mailboxes", mailbox(tenant, OFFICE)["Guid"], InPlaceHolds=[])
    connection.holding.place(MATTER, office, Service.MAIL)
    in_case = connection.holding.read_accounts_on_hold()
    ((hold, _),) = tenant.objects("graph.legalHolds").items()
    site = {"id": "1", "displayName": "pond", "site": {"id": "1", "webUrl": "https://example.sharepoint.com/pond"}}
    tenant.put("graph.siteSources", f"{hold}/1", {**site, "createdDateTime": "2026-11-01T00:00:00Z"})
    tenant.patch("exchange.organizationConfig", organisation, InPlaceHolds=[POLICY, ODD])
    unknown = connection.holding.read_accounts_on_hold()
    tenant.patch("exchange.organizationConfig", organisation, InPlaceHolds=[POLICY, CASE_HOLD])

    ids, two = frozenset({leaver.id, head.id}), frozenset({leaver.address, head.address})
    assert replace(before, people={}) == OnHold(frozenset({leaver.id}))
    assert before.addresses & two == {leaver.address}
    assert {key for key, addresses in before.people.items() if leaver.address in addresses} == {leaver.id}
    assert replace(marked, people={}) == OnHold(ids, unclear=frozenset({office.id}))
    assert marked.addresses >= two | {office.address}  # a hold that is unclear may be one
    assert replace(in_case, people={}) == OnHold(ids | {office.id})
    assert in_case.addresses >= two | {office.address}
    assert (unknown.everybody, unknown.sites) == (None, True)
    assert connection.holding.read_accounts_on_hold().everybody is True

"""What a list of holds says of a person, in each state in which a run can leave the register."""

from datetime import UTC, datetime
from itertools import product

import pytest

from toolkit.holds.model import FAILED, WANTED, Case, CloudHold, Custodian, ServiceRecord
from toolkit.holds.text import case_lines
from toolkit.sdk.legal_holds import HoldStatus, Service

NOW = datetime(2026, 11, 9, tzinfo=UTC)
STANDINGS = [WANTED, FAILED, *map(str, HoldStatus)]


@pytest.mark.parametrize(("found", "unread", "standing"), list(product(["", "id"], ["", "no answer"], STANDINGS)))
def test_no_account_is_said_only_where_the_cloud_has_none(found: str, unread: str, standing: str) -> None:
    parts = {service: ServiceRecord(standing) for service in (Service.MAILBOX, Service.MAIL)}
    held = CloudHold(found, unread, parts)
    person = Custodian("amara@example-primary.example", NOW, {"microsoft365": held})

    text = "\n".join(line.text for line in case_lines(Case("B", "Matter 1", {person.address: person}), NOW))

    assert ("no such account" in text) is (not found and not unread and standing == HoldStatus.UNAVAILABLE)
    assert ("could not be read: no answer" in text) is bool(unread)
    assert (standing == WANTED) is ("Run `toolkit hold confirm`" in text)

"""What a service says of a person's automatic reply, without the person."""

import pytest

from toolkit.sdk.lending import object_name, without_names, without_person
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Address

ID = "17786f02-cc74-5f11-bde2-53d1be5ee185"
KINDS = [(provider, kind) for provider in providers() for kind in kinds(provider)]


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_only_what_is_lent_to_people_hides_whose_it_is(provider: str, kind: str) -> None:
    address = Address(provider, kind, ID)
    text = f"GET /users/{ID}/mailboxSettings for jo.bloggs@example-primary.example: refused (SomethingElse)"

    hidden = [str(without_person(address)), object_name(address), without_names(address, text)]

    lent = kinds(provider)[kind].lent
    assert [ID[:8] not in shown for shown in hidden] == [lent] * 3
    assert ("jo.bloggs" not in hidden[2]) is lent
    assert "refused (SomethingElse)" in hidden[2]


def test_two_people_stay_apart_and_a_label_stays() -> None:
    kind = next(name for name, kind in kinds("microsoft365").items() if kind.lent)
    people = [Address("microsoft365", kind, name, "office") for name in ("1", "2")]

    assert len({str(without_person(one)) for one in people}) == 2
    assert {object_name(one) for one in people} == {f"microsoft365.{kind}[office]"}

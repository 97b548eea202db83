"""What a service says of a person's automatic reply, without the person."""

import subprocess
import sys

import pytest

from tests.emulated import HANG
from toolkit.sdk.lending import object_name, without_names, without_people, without_person
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Address

ID = "17786f02-cc74-5f11-bde2-53d1be5ee185"
LONG = 1_000_000
"""Letters; with a look at each of them from each other one, a day would not be enough."""
KINDS = [(provider, kind) for provider in providers() for kind in kinds(provider)]


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_only_what_is_lent_to_people_hides_whose_it_is(provider: str, kind: str) -> None:
    address = Address(provider, kind, ID)
    text = f"GET /users/{ID}/mailboxSettings for jo.bloggs@example-primary.example: refused (SomethingElse)"

    hidden = [str(without_person(address)), object_name(address), without_names(address, text)]

    lent = kinds(provider)[kind].temporary is not None
    assert [ID[:8] not in shown for shown in hidden] == [lent] * 3
    assert ("jo.bloggs" not in hidden[2]) is lent
    assert "refused (SomethingElse)" in hidden[2]


def test_two_people_stay_apart_and_a_label_stays() -> None:
    kind = next(name for name, kind in kinds("microsoft365").items() if kind.temporary)
    people = [Address("microsoft365", kind, name, "office") for name in ("1", "2")]

    assert len({str(without_person(one)) for one in people}) == 2
    assert {object_name(one) for one in people} == {f"microsoft365.{kind}[office]"}


def test_a_long_text_without_an_address_takes_no_longer_than_it_has_letters() -> None:
    program = f"from toolkit.sdk.lending import without_people; print(len(without_people('x' * {LONG})))"

    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=HANG)

    assert int(shown.stdout) == LONG


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("for jo.bloggs@example-primary.example: refused", "for (a person): refused"),
        ("<jo@a.example>, 'al@b.example'", "<(a person)>, '(a person)'"),
        ("jo@a.example@b.example", "(a person)@b.example"),
        ("an @ alone, jo@ and @a.example", "an @ alone, jo@ and @a.example"),
    ],
)
def test_an_address_in_a_text_is_replaced(text: str, shown: str) -> None:
    assert without_people(text) == shown

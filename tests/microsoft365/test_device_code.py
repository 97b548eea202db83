"""Signing in as oneself on Microsoft: somebody types a code, and only the school's own who may are let in."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from azure.identity import AuthenticationRecord

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.device_code import id_of
from tests.emulated import HANG, Emulator, Tenant
from tests.microsoft365.connected import connected
from toolkit.errors import SignInRefused, Unavailable, UsageError
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.school import Tenant as OfSchool

SHOWN = re.compile(r"open (https://\S+) in a browser and type the code (\w+) within 5 minutes")
LIVE = OfSchool("11111111-2222-3333-4444-555555555555", "oak-primary.example")
PERSON = "99999999-2222-3333-4444-555555555555"
SIGN_IN = "TOOLKIT_MICROSOFT365_SIGN_IN_CLIENT"


@pytest.fixture(scope="module")
def small(emulator: Emulator) -> Iterator[Tenant]:
    """Open one tenant for all of these tests: signing in changes nothing in it."""
    tenant = emulator.borrow_tenant(users=40)
    yield tenant
    tenant.close()


@pytest.fixture
def reading(small: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that may only read: signing in writes nothing."""
    connection = connected(small, identity=Identity.READ, read_only=True)
    yield connection
    connection.close()


def typing(tenant: Tenant, name: str, **more: str) -> Callable[[str], None]:
    """Do what a person does who is shown where to type which code."""

    def person(shown: str) -> None:
        found = SHOWN.search(shown)
        assert found, shown
        form = {"user_code": found[2], "login": f"{name}@{tenant.domain}", **more}
        tenant.emulator.http.post(found[1], data=form, timeout=HANG)

    return person


def test_two_people_sign_in_and_are_known_by_their_own_entries(
    small: Tenant, reading: Microsoft365, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ids = {user["userPrincipalName"]: key for key, user in small.objects("users").items()}

    manager, deputy = (reading.signs_in(typing(small, name)) for name in ("edwin.elmsworth", "beth.birchall"))

    address = f"edwin.elmsworth@{small.domain}"
    assert manager == PersonAccount(
        provider="microsoft365", id=ids[address], address=address, name="Edwin Elmsworth",
        title="School Business Manager", enabled=True, known_as=frozenset({address}),
    )  # fmt: skip
    assert (deputy.id, deputy.title) == (ids[f"beth.birchall@{small.domain}"], "Deputy Head Teacher")
    assert "eyJhbGci" not in caplog.text  # what every token begins with


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("edwin.elmsworth", {"cancel": "1"}, "AADSTS65004: User declined .* What to do: begin again, and agree"),
        ("amara.ashdown", {}, "AADSTS50105: .* What to do: assign this person to the app in Entra"),
    ],
)
def test_who_declines_or_may_not_sign_in_is_refused_with_what_to_do(
    small: Tenant, reading: Microsoft365, name: str, more: dict[str, str], said: str
) -> None:
    with pytest.raises(SignInRefused, match=f"^Microsoft refused the sign-in: {said}"):
        reading.signs_in(typing(small, name, **more))


def test_a_code_that_nobody_types_in_time_is_refused(small: Tenant, reading: Microsoft365) -> None:
    def late(shown: str) -> None:
        found = SHOWN.search(shown)
        assert found
        small.patch("entra.deviceCodes", found[2], expires=time.time() - 1)

    with pytest.raises(SignInRefused, match=r"AADSTS70019: .* begin again, and type the code within 5 minutes$"):
        reading.signs_in(late)


def test_a_sign_in_service_that_fails_is_no_refusal(small: Tenant, reading: Microsoft365) -> None:
    def failing(shown: str) -> None:
        small.fault("unavailable", "POST /{tenant}/oauth2/v2.0/token", times=99)

    try:
        with pytest.raises(Unavailable, match=r"the sign-in service at .* fails"):
            reading.signs_in(failing)
    finally:
        small.disarm()


@pytest.mark.parametrize("record", [(PERSON, "8" * 8 + LIVE.id[8:], LIVE.id), (PERSON, LIVE.id, "8" * 8 + LIVE.id[8:])])
def test_a_guest_and_somebody_of_another_school_are_refused(record: tuple[str, str, str]) -> None:
    person, home, tenant = record
    seen = AuthenticationRecord(
        tenant, "client", "login.microsoftonline.com", f"{person}.{home}", "someone@other.example"
    )

    with pytest.raises(SignInRefused, match=r"someone@other.example signed in and belongs to another tenant than oak-"):
        id_of(seen, LIVE)


def test_where_it_is_not_set_up_the_variable_is_named_and_nobody_is_asked(small: Tenant) -> None:
    variables = {"TOOLKIT_MICROSOFT365_AUTH": "ambient"}
    live = PROVIDER.connect(Target(name="live", variables=variables), LIVE, identity=Identity.READ, read_only=True)
    without = Tenant(small.emulator, {**small.told, "microsoft365": {**small.told["microsoft365"], "sign_in": {}}})

    with pytest.raises(UsageError, match=rf"{SIGN_IN} is not set; it is the client id of an app.*see \.env\.example"):
        live.signs_in(pytest.fail)
    with pytest.raises(UsageError, match="`toolkit emulator reset` makes one"):
        connected(without).signs_in(pytest.fail)
    assert PROVIDER.ways.mentioned({SIGN_IN: "x"}) == [
        SIGN_IN
    ]  # so it asks for TOOLKIT_TARGET, as all that is live does

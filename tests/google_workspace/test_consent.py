"""Signing in as oneself on Google: somebody says who they are in a browser, and only the school's own are let in."""

import json
import logging
import re
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from connectors.emulator.google_workspace.tokens import KEY_ID
from connectors.google_workspace import PROVIDER
from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.consent import Consent
from connectors.google_workspace.transport import Transport
from tests.emulated import Tenant
from tests.google_workspace.connected import connect, google_details, target_of, users
from tests.person_sign_in import NONCE, forge_evidence, visiting
from toolkit.errors import SignInRefused, Unavailable, UsageError
from toolkit.school.school import Tenant as OfSchool
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.signed_in import UnprovenSignIn

SIGN_IN = "TOOLKIT_GOOGLE_SIGN_IN_CLIENT"
KEY = {"TOOLKIT_GOOGLE_AUTH": "key", "TOOLKIT_GOOGLE_KEY_FILE": "k.json", "TOOLKIT_GOOGLE_ADMIN": "a@oak.example"}


@pytest.fixture
def tenant(small_tenant: Tenant) -> Tenant:
    """Share one tenant: signing in changes nothing in it."""
    return small_tenant


def person_of(tenant: Tenant, name: str) -> tuple[str, str]:
    """Give somebody's id and address."""
    (found,) = (one for one in users(tenant) if one["primaryEmail"] == f"{name}@{tenant.domain}")
    return str(found["id"]), str(found["primaryEmail"])


def test_two_people_sign_in_and_are_known_by_their_own_entries(
    tenant: Tenant, reading: GoogleWorkspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    records: SimpleQueue[logging.LogRecord] = SimpleQueue()
    root = QueueHandler(records)  # pytest's own also listens to loggers that hand nothing on
    logging.getLogger().addHandler(root)
    seen: list[str] = []

    manager = reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", seen=seen), NONCE)
    deputy = reading.ask_to_sign_in(visiting(tenant, "beth.birchall"), NONCE)

    identifier, address = person_of(tenant, "edwin.elmsworth")
    assert manager.person == PersonAccount(
        provider="google_workspace", id=identifier, address=address, name="Edwin Elmsworth",
        title="School Business Manager", enabled=True, known_as=frozenset({address, f"{address}.test-google-a.com"}),
    )  # fmt: skip
    known = (deputy.person.id, deputy.person.address)
    assert (known, deputy.person.title) == (person_of(tenant, "beth.birchall"), "Deputy Head Teacher")
    assert reading.verify_sign_in(manager.evidence, NONCE) == manager.person
    asked, back = seen
    assert all(part in asked for part in ("code_challenge_method=S256", "prompt=select_account", "access_type=online"))
    assert f"nonce={NONCE}" in asked
    assert back.startswith("http://127.0.0.1:")
    logging.getLogger().removeHandler(root)
    found = [records.get() for _ in range(records.qsize())]
    logged = [one.getMessage() for one in found if not one.name.startswith("urllib3")]  # the person's own
    assert logged
    assert not [one for one in logged if "code=" in one or "ya29." in one or "eyJhbGci" in one]


def test_somebody_who_declines_or_is_not_assigned_is_refused_with_what_to_do(
    tenant: Tenant, reading: GoogleWorkspace
) -> None:
    with pytest.raises(
        SignInRefused, match=r"^Google refused the sign-in: the person declined, or may not use this app\. Try"
    ):
        reading.ask_to_sign_in(visiting(tenant, "amara.ashdown"), NONCE)


def test_an_answer_that_is_none_to_the_question_is_refused(tenant: Tenant, reading: GoogleWorkspace) -> None:
    def other(location: str) -> str:
        return re.sub(r"state=[^&]+", "state=other", location)

    with pytest.raises(SignInRefused, match="the browser returned the response to another sign-in"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=other), NONCE)


def test_a_code_that_google_does_not_take_is_refused_in_its_words(tenant: Tenant, reading: GoogleWorkspace) -> None:
    def spoilt(location: str) -> str:
        return re.sub(r"code=[^&]+", "code=4%2F0Aother", location)

    with pytest.raises(SignInRefused, match=r"invalid_grant: Malformed auth code\. Check the client"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=spoilt), NONCE)


def test_a_token_that_answers_another_question_is_refused(tenant: Tenant, reading: GoogleWorkspace) -> None:
    def replayed(location: str) -> str:
        (code,) = parse_qs(urlsplit(location).query)["code"]
        tenant.patch("google.authorizationCodes", code, nonce="of another sign-in")
        return location

    with pytest.raises(SignInRefused, match="Google's token for the sign-in is not valid"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=replayed), NONCE)


def test_a_sign_in_service_that_fails_is_no_refusal(tenant: Tenant, reading: GoogleWorkspace) -> None:
    def failing(location: str) -> str:
        tenant.fault("unavailable", "POST /token")
        return location

    with pytest.raises(Unavailable, match="Google's sign-in service failed with the status 503"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=failing), NONCE)


def test_somebody_of_another_school_is_refused(tenant: Tenant, reading: GoogleWorkspace) -> None:
    identifier, address = person_of(tenant, "beth.birchall")

    def moved(location: str) -> str:
        tenant.patch("google.users", identifier, primaryEmail="beth.birchall@oak-primary.example")
        return location

    try:
        with pytest.raises(SignInRefused, match=rf"belongs to oak-primary\.example, not to {tenant.domain}\. Check"):
            reading.ask_to_sign_in(visiting(tenant, "beth.birchall", change=moved), NONCE)
    finally:
        tenant.patch("google.users", identifier, primaryEmail=address)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "the stored key is not the key that the provider publishes"),
        ({"aud": "another app"}, "the token is for another app"),
        ({"iss": "https://accounts.google.example"}, "from another provider or tenant"),
        ({"hd": "oak-primary.example"}, "belongs to oak-primary.example, not to"),
        ({"hd": ""}, "belongs to no school, not to"),
        ({"nonce": "m" * 64}, "issued for another purpose"),
    ],
)
def test_what_is_kept_of_a_sign_in_that_was_another_one_or_none_proves_nothing(
    tenant: Tenant, reading: GoogleWorkspace, change: dict[str, Any], said: str
) -> None:
    evidence = reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth"), NONCE).evidence
    claims = jwt.decode(evidence.token, options={"verify_signature": False})

    with pytest.raises(UnprovenSignIn, match=said):
        reading.verify_sign_in(forge_evidence({**claims, **change}, KEY_ID), NONCE)


def test_nobody_is_waited_for_for_ever(tenant: Tenant) -> None:
    cloud = Cloud.of_target(target_of(tenant))
    client = google_details(tenant)["sign_in_client"]["installed"]
    consent = Consent(client, cloud, Transport(cloud), domain=tenant.domain, waits=0.1)

    with pytest.raises(SignInRefused, match=r"no one signed in within 0 seconds\. Try again"):
        consent.identify(lambda _shown: None, list, NONCE)


def test_where_it_is_not_set_up_the_variable_is_named_and_nobody_is_asked(tenant: Tenant, tmp_path: Path) -> None:
    web = tmp_path / "client.json"
    web.write_text(json.dumps({"web": {"client_id": "x"}}))
    school = OfSchool("C0other", "oak-primary.example")

    def live(**more: str) -> GoogleWorkspace:
        target = Target(name="live", variables={**KEY, **more})
        connection = PROVIDER.connect(target, school, identity=Identity.READ, read_only=True)
        assert isinstance(connection, GoogleWorkspace)
        return connection

    without = {**tenant.description, "google_workspace": {**google_details(tenant), "sign_in_client": None}}

    with pytest.raises(UsageError, match=rf"{SIGN_IN} is not set. Set it to the JSON file .* see \.env\.example$"):
        live().ask_to_sign_in(pytest.fail, NONCE)
    with pytest.raises(
        UsageError, match=rf"{SIGN_IN}: {web} cannot be used: the file does not contain client_id.*desktop app$"
    ):
        live(**{SIGN_IN: str(web)}).ask_to_sign_in(pytest.fail, NONCE)
    with pytest.raises(UsageError, match=rf"{SIGN_IN}: \S+none\.json cannot be used: .*No such file"):
        live(**{SIGN_IN: str(tmp_path / "none.json")}).ask_to_sign_in(pytest.fail, NONCE)
    with pytest.raises(UsageError, match="`toolkit emulator reset` creates one"):
        connect(Tenant(tenant.emulator, without)).ask_to_sign_in(pytest.fail, NONCE)
    assert PROVIDER.ways.set_variables({SIGN_IN: "x"}) == [
        SIGN_IN
    ]  # so it asks for TOOLKIT_TARGET, as all that is live does

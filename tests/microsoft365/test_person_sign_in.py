"""Signing in as oneself on Microsoft: somebody says who they are in a browser, and only the school's own are let in."""

import re
from collections.abc import Callable
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.person_sign_in import PersonSignIn
from tests.emulated import Tenant
from tests.microsoft365.connected import connect, target_of
from tests.person_sign_in import NONCE, forge_evidence, visiting
from toolkit.errors import SignInRefused, Unavailable, UsageError
from toolkit.school.school import Tenant as OfSchool
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.directory import PersonAccount
from toolkit.sdk.signed_in import SignInEvidence, UnprovenSignIn

LIVE = OfSchool("11111111-2222-3333-4444-555555555555", "oak-primary.example")
SIGN_IN = "TOOLKIT_MICROSOFT365_SIGN_IN_CLIENT"
CODES = "entra.authorizationCodes"


@pytest.fixture
def tenant(small_tenant: Tenant) -> Tenant:
    """Share one tenant: signing in changes nothing in it."""
    return small_tenant


def _patched(tenant: Tenant, **fields: Any) -> Callable[[str], str]:
    """Change what the emulator keeps of the code that it sends."""

    def change(location: str) -> str:
        (code,) = parse_qs(urlsplit(location).query)["code"]
        tenant.patch(CODES, code, **fields)
        return location

    return change


def test_two_people_sign_in_and_are_known_by_their_own_entries(
    tenant: Tenant, reading: Microsoft365, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    seen: list[str] = []
    ids = {user["userPrincipalName"]: key for key, user in tenant.objects("users").items()}

    manager = reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", seen=seen), NONCE)
    deputy = reading.ask_to_sign_in(visiting(tenant, "beth.birchall"), NONCE)

    address = f"edwin.elmsworth@{tenant.domain}"
    assert manager.person == PersonAccount(
        provider="microsoft365", id=ids[address], address=address, name="Edwin Elmsworth",
        title="School Business Manager", enabled=True, known_as=frozenset({address}),
    )  # fmt: skip
    assert (deputy.person.id, deputy.person.title) == (ids[f"beth.birchall@{tenant.domain}"], "Deputy Head Teacher")
    assert reading.verify_sign_in(manager.evidence, NONCE) == manager.person
    asked, back = seen
    assert all(part in asked for part in ("code_challenge_method=S256", "prompt=select_account", f"nonce={NONCE}"))
    assert back.startswith("http://localhost:")
    logged = [one.getMessage() for one in caplog.records if not one.name.startswith("urllib3")]  # the person's own
    assert not [one for one in logged if "code=" in one or "eyJhbGci" in one]  # what every token begins with


def test_who_declines_is_refused_with_what_to_do(tenant: Tenant, reading: Microsoft365) -> None:
    said = "Microsoft refused the sign-in: AADSTS65004: User declined .* What to do: start again, and accept"
    with pytest.raises(SignInRefused, match=f"^{said}"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", more="&cancel=1"), NONCE)


def test_an_answer_that_is_none_to_the_question_is_refused(tenant: Tenant, reading: Microsoft365) -> None:
    def other(location: str) -> str:
        return re.sub(r"state=[^&]+", "state=other", location)

    with pytest.raises(SignInRefused, match="the browser returned the response to another sign-in"):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=other), NONCE)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"expires": 1}, "AADSTS70008: .* What to do: start again"),
        ({"challenge": "of another sign-in"}, "AADSTS501481: The Code_Verifier does not match"),
        ({"nonce": "of another sign-in"}, "is not valid: the token was issued for another purpose"),
        ({"nonce": ""}, "is not valid: the token or its key cannot be read"),
        ({"scopes": "profile"}, "is not valid: no signed token arrived"),
    ],
)
def test_a_code_or_token_of_another_sign_in_or_without_a_signed_token_is_refused(
    tenant: Tenant, reading: Microsoft365, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(SignInRefused, match=said):
        reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=_patched(tenant, **fields)), NONCE)


def test_a_sign_in_service_that_fails_is_no_refusal(tenant: Tenant, reading: Microsoft365) -> None:
    def failing(location: str) -> str:
        tenant.fault("unavailable", "POST /{tenant}/oauth2/v2.0/token", times=99)
        return location

    try:
        with pytest.raises(Unavailable, match=r"the sign-in service at .* fails: 503"):
            reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth", change=failing), NONCE)
    finally:
        tenant.disarm()


def test_nobody_is_waited_for_for_ever(tenant: Tenant) -> None:
    client_id = tenant.description["microsoft365"]["sign_in"]["client_id"]
    school = OfSchool(tenant.tenant_id, tenant.domain)
    person = PersonSignIn(client_id, school, Cloud.of_target(target_of(tenant)), wait_seconds=0.1)

    with pytest.raises(SignInRefused, match=r"no one signed in within 0 seconds\. Start again"):
        person.identify(lambda _shown: None, NONCE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "the stored key is not the key that the provider publishes"),
        ({"aud": "another app"}, "the token is for another app"),
        ({"iss": f"https://login.microsoftonline.com/{LIVE.id}/v2.0"}, "from another provider or tenant"),
        ({"tid": LIVE.id}, "from another provider or tenant"),
        ({"idp": f"https://sts.windows.net/{LIVE.id}/"}, "a guest of another tenant"),
        ({"nonce": "m" * 64}, "issued for another purpose"),
        ({"oid": ""}, "from another provider or tenant"),
    ],
)
def test_what_is_kept_of_a_sign_in_that_was_another_one_or_none_proves_nothing(
    tenant: Tenant, reading: Microsoft365, change: dict[str, Any], said: str
) -> None:
    evidence = reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth"), NONCE).evidence
    claims = jwt.decode(evidence.token, options={"verify_signature": False})

    with pytest.raises(UnprovenSignIn, match=said):
        reading.verify_sign_in(forge_evidence({**claims, **change}, "emulator-1"), NONCE)


def test_a_token_counts_after_it_has_expired_with_the_key_that_is_published_alone(
    tenant: Tenant, reading: Microsoft365
) -> None:
    evidence = reading.ask_to_sign_in(visiting(tenant, "edwin.elmsworth"), NONCE).evidence
    head, body, signature = evidence.token.split(".")
    forged = f"{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    stripped = jwt.encode({"sub": "x"}, "", algorithm="none")
    claims = jwt.decode(evidence.token, options={"verify_signature": False})
    old = forge_evidence({**claims, "iat": int(time()) - 9000, "exp": int(time()) - 5000}, "emulator-1")

    with pytest.raises(UnprovenSignIn, match="not the key that the provider publishes"):  # and not: it had expired
        reading.verify_sign_in(old, NONCE)
    with pytest.raises(UnprovenSignIn, match="not signed with the stored key"):
        reading.verify_sign_in(SignInEvidence(f"{head}.{body}.{forged}", evidence.key), NONCE)
    for token in (stripped, "", "none"):
        with pytest.raises(UnprovenSignIn):
            reading.verify_sign_in(SignInEvidence(token, evidence.key), NONCE)


def test_where_it_is_not_set_up_the_variable_is_named_and_nobody_is_asked(tenant: Tenant) -> None:
    variables = {"TOOLKIT_MICROSOFT365_AUTH": "ambient"}
    live = PROVIDER.connect(Target(name="live", variables=variables), LIVE, identity=Identity.READ, read_only=True)
    without = Tenant(
        tenant.emulator, {**tenant.description, "microsoft365": {**tenant.description["microsoft365"], "sign_in": {}}}
    )

    with pytest.raises(
        UsageError, match=rf"{SIGN_IN} is not set. Set it to the client id of an app.*See \.env\.example"
    ):
        live.ask_to_sign_in(pytest.fail, NONCE)
    with pytest.raises(UsageError, match="`toolkit emulator reset` creates it"):
        connect(without).ask_to_sign_in(pytest.fail, NONCE)
    assert PROVIDER.ways.set_variables({SIGN_IN: "x"}) == [
        SIGN_IN
    ]  # so it asks for TOOLKIT_TARGET, as all that is live does

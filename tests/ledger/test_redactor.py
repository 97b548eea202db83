"""No secret passes the redactor, in whatever form, and what is no secret stays readable."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.ledger.redact import REDACTED, SHORTEST, Redactor
from toolkit.values import Json

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"

SECRETS = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=SHORTEST, max_size=30)


@given(secret=SECRETS, before=st.text(), after=st.text())
def test_a_known_secret_never_passes(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    assert secret not in redactor.text(f"{before} {secret} {after}") or secret in REDACTED


@given(secret=SECRETS)
def test_a_known_secret_never_passes_inside_json_or_a_url(secret: str) -> None:
    redactor = Redactor([secret])
    assert quote(secret, safe="") not in redactor.text(f"https://x/?a={quote(secret, safe='')}")
    assert json.dumps(secret)[1:-1] not in redactor.text(json.dumps({"a": secret}))


@given(st.text(max_size=200))
def test_redacting_twice_is_redacting_once(text: str) -> None:
    redactor = Redactor(["correct horse"])
    once = redactor.text(f"{text} client_secret={text} correct horse")
    assert redactor.text(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdefghijklmnop.qrs", f"Authorization: Bearer {REDACTED}"),
        (f"token {JWT} was refused", f"token {REDACTED} was refused"),
        (f"key {KEY}after", f"key {REDACTED}\nafter"),
        (json.dumps({"k": KEY}), f'{{"k": "{REDACTED}\\n"}}'),
        (KEY[:60], REDACTED),
        ("grant_type=x&client_secret=a~b.c&scope=y", f"grant_type=x&client_secret={REDACTED}&scope=y"),
        ('{"access_token": "opaque", "expires_in": 3}', f'{{"access_token": "{REDACTED}", "expires_in": 3}}'),
        ("{'client_secret': 'opaque'}", f"{{'client_secret': '{REDACTED}'}}"),
        ("postgresql+psycopg://toolkit:hunter2@db/x", f"postgresql+psycopg://toolkit:{REDACTED}@db/x"),
        ("ya29.a0AfH6SMBx-abc_def", REDACTED),
    ],
)
def test_what_looks_like_a_secret_is_redacted(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Bearer authentication is off; the password must be changed",
        "microsoft365.transport_rule[Password: never ask for it]",
        "https://graph.microsoft.com/v1.0/users?$select=id",
        "office@example-primary.example",
        "0b1c2d3e-0000-1111-2222-333344445555",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor(["short", "", "ed"]).text(text) == text


def test_each_line_of_a_known_key_is_a_secret() -> None:
    assert Redactor([KEY]).text("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC") == REDACTED


def test_a_secret_that_contains_another_goes_whole() -> None:
    assert Redactor(["correct horse", "correct horse battery"]).text("correct horse battery") == REDACTED


def test_json_keeps_its_shape() -> None:
    value: Json = {"a": ["correct horse", 1, None, {"client_secret": "x", "password": "", "enabled": True}], "b": 1.5}
    assert Redactor(["correct horse"]).json(value) == {
        "a": [REDACTED, 1, None, {"client_secret": REDACTED, "password": "", "enabled": True}],
        "b": 1.5,
    }

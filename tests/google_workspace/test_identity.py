"""Which variables sign in, and what is said where they do not suffice."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.cloud import Ambient, Key, KeyFile, ServiceAccount, named_account
from toolkit.errors import UsageError
from toolkit.sdk.connector import Identity

ONE = "TOOLKIT_GOOGLE_"
READ = "TOOLKIT_READ_GOOGLE_"
ADMIN = "admin@example-primary.example"
KEY = {f"{ONE}AUTH": "key", f"{ONE}KEY_FILE": "key.json", f"{ONE}ADMIN": ADMIN}
SIGNED = {f"{ONE}AUTH": "ambient", f"{ONE}SERVICE_ACCOUNT": "toolkit@project.example", f"{ONE}ADMIN": ADMIN}


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, [f"{READ}AUTH", f"{READ}KEY_FILE", f"{READ}ADMIN"]),
        (KEY, []),
        (SIGNED, []),
        ({f"{ONE}AUTH": "key", f"{ONE}KEY_FILE": "key.json"}, [f"{ONE}ADMIN"]),
        ({f"{ONE}AUTH": "ambient"}, [f"{ONE}SERVICE_ACCOUNT", f"{ONE}ADMIN"]),
        ({f"{ONE}SERVICE_ACCOUNT": "toolkit@project.example"}, [f"{ONE}AUTH", f"{ONE}ADMIN"]),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "key.json", f"{ONE}AUTH": "key"}, [f"{ONE}KEY_FILE", f"{ONE}ADMIN"]),
        ({**KEY, f"{READ}KEY_FILE": "reader.json"}, [f"{READ}ADMIN"]),
    ],
)
def test_what_is_missing_is_named(variables: Mapping[str, str], missing: Sequence[str]) -> None:
    assert PROVIDER.ways.missing_variables(variables, Identity.READ) == missing


def test_an_unknown_way_to_sign_in_is_answered_with_the_two_there_are() -> None:
    with pytest.raises(UsageError, match=r"'password'\. It must be one of key, ambient"):
        PROVIDER.ways.missing_variables({f"{ONE}AUTH": "password"}, Identity.READ)


def test_nobody_is_signed_in_by_half_a_set() -> None:
    with pytest.raises(UsageError, match=f"{ONE}ADMIN not set"):
        named_account({f"{ONE}AUTH": "key", f"{ONE}KEY_FILE": "key.json"}, Identity.WRITE)


@pytest.mark.parametrize(
    ("variables", "identity", "account"),
    [
        (KEY, Identity.READ, KeyFile(Path("key.json"), ADMIN)),
        (SIGNED, Identity.WRITE, Ambient("toolkit@project.example", ADMIN)),
        ({**KEY, f"{READ}KEY_FILE": "reader.json", f"{READ}ADMIN": "r@x.example"}, Identity.READ,
         KeyFile(Path("reader.json"), "r@x.example")),
        ({**KEY, f"{READ}KEY_FILE": "reader.json", f"{READ}ADMIN": "r@x.example"}, Identity.WRITE,
         KeyFile(Path("key.json"), ADMIN)),
    ],
)  # fmt: skip
def test_an_identity_of_its_own_counts_before_the_common_one(
    variables: Mapping[str, str], identity: Identity, account: ServiceAccount
) -> None:
    assert named_account(variables, identity) == account


def test_credentials_that_are_set_are_mentioned() -> None:
    variables = {**KEY, f"{READ}KEY_FILE": "reader.json", "TOOLKIT_MICROSOFT365_AUTH": "secret", f"{ONE}OTHER": ""}

    assert PROVIDER.ways.set_variables(variables) == sorted([*KEY, f"{READ}KEY_FILE"])


def test_a_key_is_never_shown() -> None:
    assert "hush" not in repr(Key({"private_key": "hush"}, ADMIN))

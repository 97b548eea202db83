"""Which variables sign in, and what is said where they do not suffice."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.identity import Ambient, Application, Certificate, Secret, named_application
from toolkit.errors import UsageError
from toolkit.sdk.connector import Identity

ONE = "TOOLKIT_MICROSOFT365_"
READ = "TOOLKIT_READ_MICROSOFT365_"
SECRET = {f"{ONE}AUTH": "secret", f"{ONE}CLIENT_ID": "app", f"{ONE}CLIENT_SECRET": "hush"}


@pytest.mark.parametrize(
    ("variables", "missing"),
    [
        ({}, [f"{READ}AUTH", f"{READ}CLIENT_ID", f"{READ}CERTIFICATE"]),
        (SECRET, []),
        ({f"{ONE}AUTH": "secret", f"{ONE}CLIENT_ID": "app"}, [f"{ONE}CLIENT_SECRET"]),
        ({f"{ONE}AUTH": "certificate"}, [f"{ONE}CLIENT_ID", f"{ONE}CERTIFICATE"]),
        ({f"{ONE}CLIENT_ID": "app", f"{ONE}CERTIFICATE": "app.pem"}, [f"{ONE}AUTH"]),
        ({f"{ONE}AUTH": "ambient"}, []),
        ({"AZURE_CLIENT_ID": "app", "AZURE_CLIENT_SECRET": "hush", f"{ONE}AUTH": "secret"},
         [f"{ONE}CLIENT_ID", f"{ONE}CLIENT_SECRET"]),
        ({**SECRET, f"{READ}CLIENT_ID": "reader"}, [f"{READ}CLIENT_SECRET"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(variables: Mapping[str, str], missing: Sequence[str]) -> None:
    assert PROVIDER.ways.missing_variables(variables, Identity.READ) == missing


def test_an_unknown_way_to_sign_in_is_answered_with_the_three_there_are() -> None:
    with pytest.raises(UsageError, match=r"'password'\. It must be one of secret, certificate, ambient"):
        PROVIDER.ways.missing_variables({f"{ONE}AUTH": "password"}, Identity.READ)


@pytest.mark.parametrize(
    ("variables", "identity", "application"),
    [
        (SECRET, Identity.READ, Secret("app", "hush")),
        (SECRET, Identity.WRITE, Secret("app", "hush")),
        ({**SECRET, f"{READ}CLIENT_ID": "reader", f"{READ}CLIENT_SECRET": "own"}, Identity.READ,
         Secret("reader", "own")),
        ({**SECRET, f"{READ}CLIENT_ID": "reader", f"{READ}CLIENT_SECRET": "own"}, Identity.WRITE,
         Secret("app", "hush")),
        ({f"{ONE}AUTH": "certificate", f"{ONE}CLIENT_ID": "app", f"{ONE}CERTIFICATE": "/k/app.pem"}, Identity.READ,
         Certificate("app", Path("/k/app.pem"))),
        ({f"{ONE}AUTH": "ambient"}, Identity.READ, Ambient()),
    ],
)  # fmt: skip
def test_an_identity_of_its_own_counts_before_the_common_one(
    variables: Mapping[str, str], identity: Identity, application: Application
) -> None:
    assert named_application(variables, identity) == application


def test_credentials_that_are_set_are_mentioned() -> None:
    variables = {**SECRET, f"{READ}CLIENT_ID": "reader", "TOOLKIT_GOOGLE_KEY": "other", f"{ONE}CERTIFICATE": ""}

    assert PROVIDER.ways.set_variables(variables) == sorted([*SECRET, f"{READ}CLIENT_ID"])


def test_a_secret_is_never_shown() -> None:
    assert "hush" not in repr(Secret("app", "hush"))
    assert "hush" not in repr(Certificate("app", Path("app.pem"), "hush"))

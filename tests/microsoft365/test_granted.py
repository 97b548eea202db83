"""When the certificate that an app signs in with ends stands in its own file."""

from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.x509 import load_pem_x509_certificate
from trustme import CA

from connectors.microsoft365.granted_permissions import read_credentials
from connectors.microsoft365.identity import Ambient, Certificate
from connectors.microsoft365.permissions import GRAPH, graph
from toolkit.sdk.permission import Grants, Sort

NOT_ASKED = cast(Any, None)


def test_the_end_of_a_certificate_is_read_from_its_file_with_the_key_before_it(tmp_path: Path) -> None:
    made = CA().issue_cert("toolkit.example")
    file = tmp_path / "toolkit.pem"
    file.write_bytes(made.private_key_and_cert_chain_pem.bytes())

    (credential,) = read_credentials(Certificate("client", file), NOT_ASKED, NOT_ASKED)

    assert credential.ends == load_pem_x509_certificate(made.cert_chain_pems[0].bytes()).not_valid_after_utc
    assert str(file) in credential.name


def test_of_a_sign_in_without_a_credential_it_is_said_that_none_ends() -> None:
    (credential,) = read_credentials(Ambient(), NOT_ASKED, NOT_ASKED)

    assert (credential.ends, bool(credential.remark)) == (None, True)


@pytest.mark.parametrize(
    ("needed", "given"),
    [
        ("Calendars.ReadBasic", "Calendars.Read"),
        ("GroupMember.Read.All", "Directory.Read.All"),
        ("Organization.Read.All", "Directory.Read.All"),
    ],
)
def test_what_graph_takes_instead_is_not_called_missing(needed: str, given: str) -> None:
    assert Grants({(Sort.APPLICATION, GRAPH): frozenset({given})}).lacks(graph(needed)) is False


@pytest.mark.parametrize(
    ("needed", "given"),
    [
        ("Organization.Read.All", "User.Read.All"),
        ("AuditLog.Read.All", "Directory.Read.All"),
        ("DeviceManagementManagedDevices.Read.All", "DeviceManagementConfiguration.ReadWrite.All"),
    ],
)
def test_what_graph_does_not_take_instead_is_called_missing(needed: str, given: str) -> None:
    assert Grants({(Sort.APPLICATION, GRAPH): frozenset({given})}).lacks(graph(needed)) is True

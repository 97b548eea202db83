"""When the certificate that an app signs in with ends stands in its own file."""

from pathlib import Path
from typing import Any, cast

from cryptography.x509 import load_pem_x509_certificate
from trustme import CA

from connectors.microsoft365.granted import read_credentials
from connectors.microsoft365.identity import Ambient, Certificate

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

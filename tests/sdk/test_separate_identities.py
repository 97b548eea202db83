"""Credentials of identities that only some commands use."""

from toolkit.sdk.connector import Identity
from toolkit.sdk.credentials import separate_variables, use_separate_identity
from toolkit.sdk.providers import providers

WRITER = {
    "TOOLKIT_WRITE_MICROSOFT365_AUTH": "secret",
    "TOOLKIT_WRITE_MICROSOFT365_CLIENT_ID": "writer",
    "TOOLKIT_WRITE_MICROSOFT365_CLIENT_SECRET": "secret of the writer",
    "TOOLKIT_WRITE_GOOGLE_AUTH": "ambient",
    "TOOLKIT_WRITE_GOOGLE_SERVICE_ACCOUNT": "writer@example.test",
}
LOCKER = {
    "TOOLKIT_DEVICE_MICROSOFT365_AUTH": "certificate",
    "TOOLKIT_DEVICE_MICROSOFT365_CLIENT_ID": "locker",
    "TOOLKIT_DEVICE_MICROSOFT365_CERTIFICATE": "/etc/toolkit/locker.pem",
}


def test_a_separate_identity_replaces_the_identity_that_writes_on_its_cloud_only() -> None:
    variables = use_separate_identity({**WRITER, **LOCKER, "TOOLKIT_TARGET": "live"}, "device")

    own = providers()["microsoft365"].ways.credential_set(variables, Identity.WRITE)
    assert (own.way, own.parts["CLIENT_ID"]) == ("certificate", "locker")
    assert "secret of the writer" not in variables.values()
    assert variables["TOOLKIT_WRITE_GOOGLE_SERVICE_ACCOUNT"] == "writer@example.test"
    assert variables["TOOLKIT_TARGET"] == "live"


def test_without_a_separate_identity_the_identity_that_writes_acts() -> None:
    assert use_separate_identity(WRITER, "device") == WRITER
    assert use_separate_identity({**WRITER, **LOCKER}, "hold") == {**WRITER, **LOCKER}


def test_the_key_of_the_register_of_holds_is_not_a_credential() -> None:
    assert separate_variables({"TOOLKIT_HOLDS_KEY": "key", "TOOLKIT_HOLD_GOOGLE_AUTH": "key"}, "hold") == [
        "TOOLKIT_HOLD_GOOGLE_AUTH"
    ]

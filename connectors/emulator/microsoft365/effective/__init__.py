"""The effective settings of a Microsoft 365 account: policies for its mailbox, its sign-in and its devices."""

from connectors.emulator.effective.setting import EffectiveSetting
from connectors.emulator.microsoft365.effective.account import read_account
from connectors.emulator.microsoft365.effective.devices import device_settings
from connectors.emulator.microsoft365.effective.mail import mail_settings
from connectors.emulator.microsoft365.effective.sign_in import sign_in_settings
from connectors.emulator.store import Store


def find_effective_settings(store: Store, tenant_id: str, address: str) -> list[EffectiveSetting] | None:
    """Return the effective settings of an account and its devices. None if the tenant has no such account."""
    account = read_account(store, tenant_id, address)
    if account is None:
        return None
    return [*mail_settings(account), *sign_in_settings(account), *device_settings(account)]

"""The examination of a school: this computer first, then its tenants."""

import os
from collections.abc import Iterator, Sequence

from toolkit.engine.doctor.diagnosis import Diagnosis
from toolkit.engine.doctor.machine import Machine, examine_machine
from toolkit.engine.doctor.tenant_access import examine_tenants
from toolkit.engine.prepare_run import check_credentials, open_ledger, open_target
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.connector import Identity
from toolkit.settings.settings import Settings

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_OF_AN_IDENTITY = tuple(f"TOOLKIT_{identity.upper()}_" for identity in Identity)


def examine(settings: Settings, playbooks: Playbooks) -> Iterator[Diagnosis]:
    """Yield each diagnosis as soon as it is known; ToolkitError where the tenants cannot be examined."""
    with open_ledger(settings) as ledger:
        yield from examine_machine(
            Machine(
                live=settings.target == "live",
                directory=settings.directory,
                env_file=settings.folder.env_file,
                variables=list(settings.variables),
                proxies=[name for name in os.environ if name.upper() in _PROXIES],
                ca_file=settings.ca_file,
                ledger=ledger,
            )
        )
    identities = _identities(settings)
    check_credentials(settings, playbooks.school, *identities)
    with open_target(settings, playbooks.school) as (target, _):
        yield from examine_tenants(playbooks, target, identities)


def _identities(settings: Settings) -> Sequence[Identity]:
    """List the identities that differ: the emulator has two, live they do where one has variables of its own."""
    two = settings.target != "live" or any(name.startswith(_OF_AN_IDENTITY) for name in settings.variables)
    return tuple(Identity) if two else (Identity.READ,)

"""The Vault API: matters, their collaborators and their holds; exports, searches and retention rules are left out.

What a test may read and change at the control plane:

    google.vaultMatters     by id: matters as Google shows them in full
    google.vaultHolds       by matter's id / hold's id: holds as Google shows them in full
"""

from types import MappingProxyType

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.vault import held_accounts, holds, matters
from connectors.emulator.google_workspace.vault.seed import seed

__all__ = ["SERVICE", "seed"]

SERVICE = GoogleApi(
    name="google vault",
    hosts=("vault.googleapis.com",),
    roots=("/v1/matters",),
    api=("vault", "v1"),
    project_host="vault.googleapis.com",
    handlers=MappingProxyType({**matters.HANDLERS, **holds.HANDLERS, **held_accounts.HANDLERS}),
    wording=Wording(reasons=False, statuses=True),
    most_in_batch=1000,
    worded=MappingProxyType(
        {
            "forbidden": "The caller does not have permission",
            "rateLimitExceeded": "Quota exceeded for quota metric 'Matter read requests' and limit 'Matter read "
            "requests per minute' of service 'vault.googleapis.com'.",
        }
    ),
    notes=MappingProxyType(
        {
            "vault.matters.addPermissions": "nobody is sent a message",
            "vault.matters.delete": "a deleted matter is never purged",
            "vault.matters.holds.create": "licences are not asked for; terms of a query are kept, not read",
            "vault.matters.holds.update": "corpus, query, and the unit of a hold on a unit have to be sent",
        }
    ),
)

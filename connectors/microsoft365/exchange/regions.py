"""Finds the host of a tenant's region, from a redirect.

The host runs the tenant's cmdlets and stores the pages of lists.
"""

import re

from connectors.microsoft365.cloud import COMPLIANCE_HOST, EXCHANGE_HOST
from connectors.microsoft365.exchange.command import Command
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import segment, split_link

_VERSION = "Version=3.9.2"  # of the PowerShell module, which sends the same request
_LABEL = "([a-z0-9][a-z0-9-]{0,62})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """The form of a service's redirects to the host of a tenant's region.

    `required` is true if only that host runs cmdlets. Only the region's name is taken from a redirect. The access token
    is therefore never sent to an address in a response.
    """

    name: str
    host: str
    pattern: re.Pattern[str]
    lookup: Command
    path: str
    required: bool

    def lookup_path(self, tenant_id: str) -> str:
        return self.path.format(tenant=segment(tenant_id))

    def root_of(self, location: str, front: str, what: str) -> str:
        """Return the address of the region's host that a redirect names.

        Raise BadAnswer if the redirect leads to another host.
        """
        region = self.pattern.fullmatch(split_link(location, what).hostname or "")
        if not region:
            raise BadAnswer(
                f"{what}: {location!r} is not the address of a region of {self.name}. Is a web filter in the way?"
            )
        return front.replace(self.host, f"{region[1]}.{self.host}")


EXCHANGE_REGIONS = Regions(
    name="Exchange",
    host=EXCHANGE_HOST,
    pattern=re.compile(rf"{_LABEL}\.outlook\.office365\.com"),
    lookup=Command("EXOModuleFile"),
    path=f"/AdminApi/v1.0/{{tenant}}/EXOModuleFile?{_VERSION}",
    required=False,
)
COMPLIANCE_REGIONS = Regions(
    name="Security & Compliance",
    host=COMPLIANCE_HOST,
    # The redirect may name the region as LABEL.admin.protection.outlook.com:446, which does not run cmdlets.
    pattern=re.compile(rf"{_LABEL}\.(?:ps\.compliance|admin)\.protection\.outlook\.com"),
    lookup=Command("EXOBanner"),
    path=f"/adminapi/beta/{{tenant}}/EXOBanner('AutogenSession')?{_VERSION}",
    required=True,
)

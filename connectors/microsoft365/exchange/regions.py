"""The host of a tenant's region, which a redirect names. It runs the cmdlets and keeps the pages of a list."""

import re

from connectors.microsoft365.cloud import COMPLIANCE_HOST, EXCHANGE_HOST
from connectors.microsoft365.exchange.command import Command
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import segment, split_link

_VERSION = "Version=3.9.2"  # of the PowerShell module, which asks in the same way
_LABEL = "([a-z0-9][a-z0-9-]{0,62})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """How one service leads a client to a tenant's region.

    `required` is whether only the region runs cmdlets. Of a redirect only the region's label counts, so that no token
    is ever sent to an address that an answer named.
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
        """Return the address of the region that a redirect names; BadAnswer if it leads anywhere else."""
        region = self.pattern.fullmatch(split_link(location, what).hostname or "")
        if not region:
            raise BadAnswer(f"{what}: {location!r} is not a region of {self.name}; is a web filter in between?")
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
    # It may show the region as LABEL.admin.protection.outlook.com:446, which runs no cmdlets.
    pattern=re.compile(rf"{_LABEL}\.(?:ps\.compliance|admin)\.protection\.outlook\.com"),
    lookup=Command("EXOBanner"),
    path=f"/adminapi/beta/{{tenant}}/EXOBanner('AutogenSession')?{_VERSION}",
    required=True,
)

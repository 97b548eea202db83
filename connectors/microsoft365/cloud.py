"""Where Microsoft's services are for a run, and how this machine reaches them."""

from toolkit.sdk import CloudServices

COMPLIANCE_HOST = "ps.compliance.protection.outlook.com"
EXCHANGE_HOST = "outlook.office365.com"
CONNECT_SECONDS = 10.0
READ_SECONDS = 100.0


class Cloud(CloudServices):
    """The addresses of the services."""

    @property
    def authority(self) -> str:
        return self.root or "https://login.microsoftonline.com"

    @property
    def exchange(self) -> str:
        """Return where the region is asked for, each of which has a host below this one."""
        return self._at(EXCHANGE_HOST)

    @property
    def compliance(self) -> str:
        """Return where the region is asked for, each of which has a host below this one."""
        return self._at(COMPLIANCE_HOST)

    @property
    def graph(self) -> str:
        return self._at("graph.microsoft.com/v1.0")

    @property
    def defender(self) -> str:
        return self._at("api.securitycenter.microsoft.com")

    @property
    def trust_environment(self) -> bool:
        """Return whether HTTPS_PROXY and its like count."""
        return not self.emulated

    @property
    def verify(self) -> str | bool:
        """Give what a client is told to trust: one authority's certificate, or everybody's."""
        return str(self.ca_file) if self.ca_file else True

    def _at(self, host: str) -> str:
        return f"{self.root}/{host}" if self.emulated else f"https://{host}"

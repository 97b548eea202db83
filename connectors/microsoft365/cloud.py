"""The addresses of Microsoft's services for a run, and the proxy and certificate settings of this machine."""

from toolkit.sdk import CloudServices

COMPLIANCE_HOST = "ps.compliance.protection.outlook.com"
EXCHANGE_HOST = "outlook.office365.com"
CONNECT_SECONDS = 10.0
READ_SECONDS = 100.0


class Cloud(CloudServices):
    """The addresses of Microsoft's services."""

    @property
    def authority(self) -> str:
        return self.root or "https://login.microsoftonline.com"

    @property
    def exchange(self) -> str:
        """Return the address at which toolkit asks for the Exchange host of the tenant's region.

        The host is a subdomain of this address.
        """
        return self._make_address(EXCHANGE_HOST)

    @property
    def compliance(self) -> str:
        """Return the address at which toolkit asks for the compliance host of the tenant's region.

        The host is a subdomain of this address.
        """
        return self._make_address(COMPLIANCE_HOST)

    @property
    def graph(self) -> str:
        return self._make_address("graph.microsoft.com/v1.0")

    @property
    def defender(self) -> str:
        return self._make_address("api.securitycenter.microsoft.com")

    @property
    def trust_environment(self) -> bool:
        """Return whether toolkit uses the proxy that the environment sets, for example in HTTPS_PROXY."""
        return not self.emulated

    @property
    def verify(self) -> str | bool:
        """Return the file of the certificate authority to trust, or True to trust the usual authorities."""
        return str(self.ca_file) if self.ca_file else True

    def _make_address(self, host: str) -> str:
        return f"{self.root}/{host}" if self.emulated else f"https://{host}"

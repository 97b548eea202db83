"""The domains that a tenant sends mail from, and the state of their DKIM keys.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-accepteddomain and
https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.via import Exchange
from toolkit.errors import BadAnswer, ServiceError, answered
from toolkit.records import dataclass
from toolkit.sdk import Dns, flag, text
from toolkit.values import Body

_SELECTORS = (1, 2)
_MICROSOFT_SUFFIXES = (".mail.onmicrosoft.com", ".onmicrosoft.com")


@dataclass(frozen=True, slots=True)
class SigningDomain:
    """A domain, its DKIM configuration (None if it has no keys), and whether its records are in the DNS."""

    name: str
    config: Body | None = None
    published: bool | ServiceError = False  # whether the DNS has both lines

    @property
    def signs(self) -> bool:
        return self.config is not None and flag(self.config.get("Enabled"), missing=False)

    @property
    def aliases(self) -> Mapping[str, str]:
        """Return the two CNAME records that DKIM requires, as a table from name to target."""
        if self.config is None:
            return {}
        records = {
            f"selector{n}._domainkey.{self.name}": text(self.config.get(f"Selector{n}CNAME")) for n in _SELECTORS
        }
        if not all(records.values()):
            raise BadAnswer(f"Get-DkimSigningConfig does not show the CNAME targets of {self.name}")
        return records

    @property
    def lines(self) -> Sequence[str]:
        """Return the lines that must be in the DNS."""
        return [_format_line(*alias) for alias in self.aliases.items()]

    def missing_lines(self, dns: Dns) -> Mapping[str, str]:
        """Return the lines that the DNS does not have, by the name of the record."""
        records = self.aliases.items()
        return {
            name: _format_line(name, target)
            for name, target in records
            if dns.alias(name) != target.lower().rstrip(".")
        }

    @property
    def waits(self) -> bool:
        """Return whether the domain has DKIM keys, and the DNS lacks a line for them."""
        return self.config is not None and not self.signs and not answered(self.published)


class SendingDomains:
    """Reads the domains that the tenant sends from, and their DKIM keys. One request reads both lists."""

    def __init__(self, exchange: Exchange, dns: Dns) -> None:
        self._exchange = exchange
        self.dns = dns
        self._last: Mapping[str, SigningDomain] | None = None

    def read(self) -> Mapping[str, SigningDomain]:
        """Read the domains and keys again. Return them by domain name."""
        accepted, keys = self._exchange.get_each(
            Command("Get-AcceptedDomain", {"ResultSize": "Unlimited"}), Command("Get-DkimSigningConfig")
        )
        names = _domain_names(accepted)
        configs = {text(row.get("Domain")).lower(): row for row in keys}
        self._last = {name: self.to_signing_domain(name, configs.get(name)) for name in names}
        return self._last

    def names(self) -> Sequence[str]:
        """Read the names of the domains, without their keys."""
        return _domain_names(self._exchange.get("Get-AcceptedDomain", {"ResultSize": "Unlimited"}))

    def last(self) -> Mapping[str, SigningDomain]:
        """Return the domains as they were last read. If they were not read yet, read them."""
        return self.read() if self._last is None else self._last

    def to_signing_domain(self, name: str, config: Body | None) -> SigningDomain:
        """Return a domain with its DKIM configuration.

        If Exchange does not sign its mail yet, look for its lines in the DNS.
        """
        domain = SigningDomain(name, config)
        if config is None or domain.signs:
            return domain
        try:
            return SigningDomain(name, config, not domain.missing_lines(self.dns))
        except ServiceError as error:
            return SigningDomain(name, config, error)


def _domain_names(rows: Iterable[Body]) -> Sequence[str]:
    return [text(row.get("DomainName")).lower() for row in rows if _is_sending_domain(row)]


def _format_line(name: str, target: str) -> str:
    return f"{name}. CNAME {target.rstrip('.')}."


def _is_sending_domain(row: Body) -> bool:
    """Return whether people can have addresses in a domain, and the school can change the domain's DNS."""
    name = text(row.get("DomainName")).lower()
    own = not flag(row.get("InitialDomain"), missing=False) and not name.endswith(_MICROSOFT_SUFFIXES)
    return own and row.get("DomainType") == "Authoritative" and not flag(row.get("IsCoexistenceDomain"), missing=False)


def accepted_domains(exchange: Exchange) -> frozenset[str]:
    """Return every domain for which the tenant accepts mail, including Microsoft's."""
    rows = exchange.get("Get-AcceptedDomain", {"ResultSize": "Unlimited"})
    return frozenset(text(row.get("DomainName")).lower() for row in rows)

"""Query the DNS for names.

A name counts as absent only if a server says that it does not exist. If a query fails, the name is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING

from toolkit.errors import BadAnswer, ServiceError, Unavailable, UsageError
from toolkit.sdk.connector import CloudServices

if TYPE_CHECKING:
    from dns.resolver import Resolver as ResolverOfSystem

    from toolkit.sdk.connector import Target
    from toolkit.sdk.policy_file import PolicyFiles

VARIABLE = "TOOLKIT_DNS"

_PORT = 53
_LONGEST = 10.0  # seconds within which a query must be answered
_PAYLOAD = 1232
_TENANT = 65001
"""The EDNS option for local use (RFC 6891) by which the emulator knows the tenant of a query."""


class Dns:
    """Queries the DNS for a run.

    Each name is queried only once. Later calls return the same records or raise the same error.
    """

    def __init__(self, resolver: Callable[[], ResolverOfSystem], files: PolicyFiles) -> None:
        self._open = resolver
        self._files = files
        self._resolver: ResolverOfSystem | None = None
        self._answers: dict[tuple[str, str], Sequence[str] | ServiceError] = {}
        self._asking = Lock()

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name, or an empty sequence if it has none."""
        return self._query(name, "TXT")

    def alias(self, name: str) -> str:
        """Return the target of a name's CNAME record in lower case, or "" if there is no such record."""
        return next(iter(self._query(name, "CNAME")), "").lower()

    def mail_servers(self, name: str) -> Sequence[str]:
        """Return the hosts of a domain's MX records, in lower case."""
        return [host.lower() for host in self._query(name, "MX")]

    def policy_file(self, domain: str) -> tuple[str, str]:
        """Return the text of a domain's MTA-STS policy file, and the reason why the file is invalid, or "" if it is
        valid.

        The file counts as absent only if the DNS has no address for its host. If the host cannot be reached, the file
        is unknown.
        """
        try:
            return self._files.read(domain)
        except Unavailable:
            host = f"mta-sts.{domain}"
            if self._query(host, "A") or self._query(host, "AAAA"):
                raise
            return "", f"the DNS has no entry for {host}"

    def _query(self, name: str, record_type: str) -> Sequence[str]:
        with self._asking:
            key = (name.lower().rstrip("."), record_type)
            if key not in self._answers:
                self._answers[key] = self._query_or_error(*key)
        answer = self._answers[key]
        if isinstance(answer, ServiceError):
            raise answer
        return answer

    def _query_or_error(self, name: str, record_type: str) -> Sequence[str] | ServiceError:
        import dns.exception
        import dns.resolver

        what = f"DNS, {record_type} of {name}"
        try:
            self._resolver = self._resolver or self._open()
            return [
                _record_text(row, record_type) for row in self._resolver.resolve(f"{name}.", record_type, search=False)
            ]
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.resolver.LifetimeTimeout:
            return Unavailable(f"{what}: no response in time")
        except dns.resolver.NoResolverConfiguration:
            return Unavailable(f"{what}: this computer has no DNS server. Set {VARIABLE} to an address")
        except dns.resolver.NoNameservers as error:
            return Unavailable(f"{what}: {_failure_reason(error)}")
        except (dns.exception.DNSException, UnicodeError, OSError) as error:
            return BadAnswer(f"{what}: the response could not be used: {type(error).__name__}")


def open_dns(target: Target, tenant: str = "") -> Dns:
    """Return a DNS client for a target.

    It queries the emulator's DNS, or otherwise the servers in TOOLKIT_DNS or of this computer.
    """
    from toolkit.sdk.policy_file import open_policy_files

    files = open_policy_files(CloudServices.of_target(target), tenant)
    if target.emulator is not None:
        address = str(target.emulator.get("dns"))
        return Dns(lambda: _create_resolver([_parse_server(address)], target.patience, tenant), files)
    named = [written for written in target.variables.get(VARIABLE, "").replace(",", " ").split() if written]
    servers = [_parse_server(written) for written in named]
    return Dns(lambda: _create_resolver(servers, target.patience), files)


def _create_resolver(servers: Sequence[tuple[str, int]], patience: float, tenant: str = "") -> ResolverOfSystem:
    import dns.edns
    import dns.nameserver
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*server) for server in servers]
    resolver.lifetime = min(patience, _LONGEST)
    kind = dns.edns.OptionType.make(_TENANT)
    options: list[dns.edns.Option] = [dns.edns.GenericOption(kind, tenant.encode())] if tenant else []
    resolver.use_edns(0, 0, _PAYLOAD, options)
    return resolver


def _parse_server(written: str) -> tuple[str, int]:
    """Parse the address and port of a server. The default port is 53."""
    host, _, port = written.rpartition(":") if written.count(":") == 1 or "]:" in written else (written, "", "")
    try:
        return str(ip_address(host.strip("[]"))), int(port or _PORT)
    except ValueError as wrong:
        example = "write addresses such as 192.0.2.53 or 127.0.0.1:5353, separated by spaces"
        raise UsageError(f"{VARIABLE} has {written!r}, which is not the address of a DNS server: {example}") from wrong


_CODES: Mapping[str, str] = {
    "SERVFAIL": "the server could not answer (SERVFAIL)",
    "REFUSED": "the server refuses to answer (REFUSED)",
}


def _failure_reason(error: object) -> str:
    """Return the reason why no server sent a usable response: the server's code, or the last error."""
    tried = getattr(error, "kwargs", {}).get("errors") or [("", False, 0, "no server", None)]
    last = tried[-1][3]
    return _CODES.get(str(last), f"no server sent a usable response ({type(last).__name__}: {last})")


def _record_text(row: object, record_type: str) -> str:
    match record_type:
        case "TXT":
            strings: Sequence[bytes] = getattr(row, "strings", ())
            return b"".join(strings).decode("utf-8", "replace")
        case "A" | "AAAA":
            return str(getattr(row, "address", ""))
        case "MX":
            return str(getattr(row, "exchange", "")).rstrip(".")
        case _:
            return str(getattr(row, "target", "")).rstrip(".")

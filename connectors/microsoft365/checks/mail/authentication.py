"""Checks the DNS records of the domains that the tenant sends from, and whether Exchange signs their mail with DKIM."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from connectors.microsoft365.kinds.dkim_signing import KIND
from connectors.microsoft365.message_traces import NEEDED, read_traces
from connectors.microsoft365.permissions import global_reader
from connectors.microsoft365.sending_domains import SigningDomain, accepted_domains
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.mail_scope import DIRECT, DIRECT_DAYS, OutsideMail, direct_mail_finding
from toolkit.controls.sender_authentication import Authentication
from toolkit.controls.sender_findings import dns_findings
from toolkit.errors import BadAnswer, RequestFailed, ServiceError, answered
from toolkit.sdk import CheckOccasion, Dns, Finding, Permission, check_subject, flag, texts

_OUTLOOK = ("spf.protection.outlook.com", "Microsoft 365")
_CLOUDS = {".mail.protection.outlook.com": _OUTLOOK, ".mx.microsoft": _OUTLOOK}


def needs(control: Authentication) -> tuple[Permission, ...]:
    """Return the permissions of the check, including message traces if the control counts direct mail."""
    traces = (NEEDED, *global_reader("View-Only Configuration")) if control.direct_send == "count" else ()
    return (*KIND.permissions.read, *traces)


def check(control: Authentication, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Check every domain that the tenant sends mail from.

    If the DKIM keys cannot be read, only the findings about DKIM are unknown.
    """
    domains: Mapping[str, SigningDomain] | RequestFailed
    try:
        domains = via.sending_domains.last()
        names = [*domains]
    except ServiceError as error:
        domains, names = error, [*via.sending_domains.names()]

    def find_keys(name: str) -> Iterable[str]:
        readable = answered(domains)
        return readable[name].missing_lines(via.dns).values() if name in readable else ()

    def find_dkim_problems(name: str) -> Iterable[str]:
        return _list_dkim_problems(answered(domains)[name], via.dns, is_in_school_file=name in context.school.domains)

    yield from dns_findings(control, context, via.dns, names, find_dkim_problems, clouds=_CLOUDS, keys=find_keys)
    if control.direct_send == "count":
        yield check_subject(DIRECT, lambda: _count_direct_mail(context, via))


def _list_dkim_problems(domain: SigningDomain, dns: Dns, *, is_in_school_file: bool) -> Iterator[str]:
    """Yield the reason why Exchange does not sign the mail of a domain, if there is one."""
    if domain.config is None:
        condition = "" if is_in_school_file else ", once the school file lists the domain"
        yield f"DKIM has no keys yet. apply creates them{condition}"
    elif domain.signs:
        if missing := domain.missing_lines(dns):
            yield f"DKIM signs, but the DNS lacks these records of the domain's key: {', '.join(missing)}"
    elif domain.waits:
        yield f"DKIM does not sign until the DNS has {' and '.join(domain.lines)}"
    else:
        yield "DKIM is off although the DNS has both lines. apply turns it on"


def _count_direct_mail(context: CheckOccasion, via: Microsoft365) -> Finding:
    """Count the messages from the school's own domains that did not come through an inbound connector."""
    own_domains, connector_networks = accepted_domains(via.exchange), list(_read_connector_networks(via))
    traces = read_traces(via, context.now, DIRECT_DAYS)
    servers = {
        address: _parse_server_address(address) for address in {trace.from_address for trace in traces} if address
    }
    unknown_servers = {
        address for address, server in servers.items() if not any(server in network for network in connector_networks)
    }
    return direct_mail_finding(
        [
            OutsideMail(trace.from_address, trace.is_delivered)
            for trace in traces
            if trace.domain in own_domains and trace.from_address in unknown_servers
        ]
    )


def _read_connector_networks(via: Microsoft365) -> Iterator[IPv4Network | IPv6Network]:
    """Yield the networks from which the enabled inbound connectors accept mail."""
    for row in via.exchange.get("Get-InboundConnector", {"ResultSize": "Unlimited"}):
        if flag(row.get("Enabled"), missing=True):
            for address in texts(row.get("SenderIPAddresses")):
                try:
                    yield ip_network(address, strict=False)
                except ValueError as error:
                    raise BadAnswer(f"Get-InboundConnector: {address} is not a server address") from error


def _parse_server_address(address: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(address)
    except ValueError as error:
        raise BadAnswer(f"a message trace has {address}, which is not a server address") from error

"""A DNS server for the emulated tenants' domains, over UDP and TCP on one port of this machine.

A tenant's names are the collection `dns.records`: {"TXT": [...], "CNAME": "...", "MX": [...], "A": [...]}, by name in
lower case. `zone: true` marks a domain. Other names below a marked domain do not exist. Names outside a marked domain
are refused. `fault` may be servfail, refused, silent or truncated. A client names the tenant in an EDNS option. Without
the option the newest tenant with the domain answers, so that `dig` works.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from socket import SOCK_DGRAM, create_server, socket
from typing import cast

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from connectors.emulator.school import School
from connectors.emulator.store import Body, Json, Store
from connectors.emulator.tenants import all_tenants

RECORDS = "dns.records"
_TENANT = 65001
_SECONDS = 300
_TRIES = 20
_GONE = (ConnectionError, asyncio.IncompleteReadError)
_OUTSIDE: Mapping[str, str] = {
    "spf.protection.outlook.com": "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip4:52.100.0.0/15 -all",
    "_spf.google.com": "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com ~all",
    "_netblocks.google.com": "v=spf1 ip4:35.190.247.0/24 ip4:64.233.160.0/19 ip4:66.102.0.0/20 ~all",
    "_netblocks2.google.com": "v=spf1 ip6:2001:4860:4000::/36 ip6:2404:6800:4000::/36 ~all",
}
"""Names of others that the school's own records lead to."""


def dkim_target(number: int, domain: str, initial_domain: str) -> str:
    """Return the host name that the CNAME record of a domain's DKIM key must contain. A domain has two keys."""
    return f"selector{number}-{domain.replace('.', '-')}._domainkey.{initial_domain}"


def seeded_records(school: School) -> Mapping[str, Body]:
    """Return the DNS records of a new tenant, as a careful technician publishes them for each of its domains."""
    names = (school.domain, *school.further_domains)
    return {
        **{name: body for domain in names for name, body in _records_of_domain(domain, school.initial_domain).items()},
        school.initial_domain: {"zone": True},
        **{name: {"TXT": [text]} for name, text in _OUTSIDE.items()},
    }


def _records_of_domain(domain: str, initial: str) -> Mapping[str, Body]:
    selectors = {
        f"selector{number}._domainkey.{domain}": {"CNAME": dkim_target(number, domain, initial)} for number in (1, 2)
    }
    return {
        domain: {
            "zone": True,
            "TXT": ["v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all", "MS=ms40719025"],
            "MX": [f"0 {domain.replace('.', '-')}.mail.protection.outlook.com", "10 aspmx.l.google.com"],
        },
        **selectors,
        f"google._domainkey.{domain}": {"TXT": ["v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnot"]},
        f"_dmarc.{domain}": {"TXT": [f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}"]},
        f"_mta-sts.{domain}": {"TXT": ["v=STSv1; id=20260901T080000"]},
        f"mta-sts.{domain}": {"A": ["192.0.2.80"]},
        f"_smtp._tls.{domain}": {"TXT": [f"v=TLSRPTv1; rua=mailto:tls@{domain}"]},
    }  # fmt: skip


class DomainNames:
    """Answers DNS queries from the tenants' records."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, wire: bytes, *, longest: int | None = None) -> bytes | None:
        """Return the response to one DNS message. None if the client gets no response.

        `longest` is the greatest length of a UDP response, in bytes.
        """
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        zone = self._records_for_query(query, _name_text(question.name))
        response = dns.message.make_response(query, recursion_available=True)
        fault = self._add_records(response, zone, _name_text(question.name), question.rdtype)
        if fault == "silent" or (fault == "truncated" and longest is None):
            return None
        if longest is None:
            return response.to_wire(max_size=65535)
        try:
            whole = None if fault == "truncated" else response.to_wire(max_size=min(longest, query.payload or 512))
        except dns.exception.TooBig:
            whole = None
        return whole or _truncated_response(query)

    def _records_for_query(self, query: dns.message.Message, name: str) -> Mapping[str, Body]:
        named = [option.to_wire() for option in query.options if option.otype == _TENANT]
        if named and named[0]:
            return self._store.all_by_key(named[0].decode("ascii", "replace"), RECORDS)
        zones = (self._store.all_by_key(tenant, RECORDS) for tenant in reversed(all_tenants(self._store)))
        return next((zone for zone in zones if _is_inside_domain(zone, name)), {})

    def _add_records(
        self, response: dns.message.Message, zone: Mapping[str, Body], name: str, record_type: dns.rdatatype.RdataType
    ) -> Json:
        """Add the records of a name and of its aliases to a response, and return the `fault` of the last alias."""
        for held in _records_of_name_and_aliases(zone, name, record_type):
            name, record = held
            for text in _texts_of_record(record, record_type):
                response.answer.append(
                    dns.rrset.from_text(f"{name}.", _SECONDS, "IN", dns.rdatatype.to_text(record_type), text)
                )
            if record_type != dns.rdatatype.CNAME and record.get("CNAME"):
                name = str(record["CNAME"]).lower()
                response.answer.append(dns.rrset.from_text(f"{held[0]}.", _SECONDS, "IN", "CNAME", f"{name}."))
        fault = zone.get(name, {}).get("fault")
        response.set_rcode(_response_code(zone, name, fault))
        return fault


def _truncated_response(query: dns.message.Message) -> bytes:
    """Return a response which says that the complete response is available over TCP."""
    short = dns.message.make_response(query, recursion_available=True)
    short.flags |= dns.flags.TC
    return short.to_wire()


def _name_text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _records_of_name_and_aliases(
    zone: Mapping[str, Body], name: str, record_type: dns.rdatatype.RdataType
) -> Iterator[tuple[str, Body]]:
    seen: set[str] = set()
    while name not in seen and (record := zone.get(name)):
        seen.add(name)
        yield name, record
        if record_type == dns.rdatatype.CNAME or not record.get("CNAME"):
            return
        name = str(record["CNAME"]).lower()


def _texts_of_record(record: Body, record_type: dns.rdatatype.RdataType) -> list[str]:
    value = record.get(dns.rdatatype.to_text(record_type))
    if record_type == dns.rdatatype.CNAME:
        return [f"{value}."] if value else []
    texts = [str(entry) for entry in value] if isinstance(value, list) else []
    if record_type == dns.rdatatype.A:
        return texts
    if record_type == dns.rdatatype.MX:
        return [f"{text}." for text in texts]
    return [" ".join(f'"{text[n : n + 255]}"' for n in range(0, len(text), 255)) for text in texts]


def _is_inside_domain(zone: Mapping[str, Body], name: str) -> bool:
    return any(name == apex or name.endswith(f".{apex}") for apex, record in zone.items() if record.get("zone"))


def _response_code(zone: Mapping[str, Body], name: str, fault: Json) -> dns.rcode.Rcode:
    if fault in ("servfail", "refused"):
        return dns.rcode.from_text(str(fault).upper())
    if name in zone or any(other_name.endswith(f".{name}") for other_name in zone):
        return dns.rcode.NOERROR
    return dns.rcode.NXDOMAIN if _is_inside_domain(zone, name) else dns.rcode.REFUSED


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: DomainNames) -> None:
        self._names = names

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if answer := self._names.answer(data, longest=4096):
            self._transport.sendto(answer, addr)


def _open_port() -> tuple[socket, socket]:
    """Open a port that is free for both TCP and UDP."""
    for _ in range(_TRIES):
        stream = create_server(("127.0.0.1", 0))
        datagrams = socket(type=SOCK_DGRAM)
        try:
            datagrams.bind(stream.getsockname())
        except OSError:
            stream.close()
            datagrams.close()
        else:
            return stream, datagrams
    raise OSError("The DNS server found no port of this computer that is free for both TCP and UDP")


@asynccontextmanager
async def serve_dns(store: Store) -> AsyncIterator[str]:
    """Serve DNS on a free port of this machine, and yield the address."""
    names = DomainNames(store)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*_GONE):
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            if answer := names.answer(await reader.readexactly(size)):
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        writer.close()

    stream, datagrams = _open_port()
    server = await asyncio.start_server(converse, sock=stream)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(names), sock=datagrams)
    try:
        yield f"127.0.0.1:{stream.getsockname()[1]}"
    finally:
        transport.close()
        server.close()

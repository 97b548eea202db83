"""What is read of a domain's mail records, from a DNS server on this machine."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.emulated import Tenant
from tests.schools import few_people
from toolkit.controls.sender_records import (
    dmarc_problems,
    key_problems,
    organisational_domain,
    read_spf,
    reporting_problems,
    spf_problems,
    transport_problems,
)
from toolkit.errors import Unavailable, UsageError
from toolkit.sdk.connector import Target
from toolkit.sdk.dns import Dns, open_dns

pytestmark = few_people

Records = Mapping[str, Mapping[str, object]]
GOOGLE = {"_spf.google.com": "Google Workspace"}


def _open_dns(tenant: Tenant, records: Records) -> tuple[Dns, str]:
    """Put records into the tenant's DNS, and open it; names are written without the domain."""
    for name, record in records.items():
        tenant.put("dns.records", f"{name}.{tenant.domain}", record)
    target = Target(name="emulator", variables={"TOOLKIT_PATIENCE": "2"}, emulator=tenant.emulator.line)
    return open_dns(target, tenant.tenant_id), tenant.domain


def _text(*texts: str) -> Mapping[str, object]:
    return {"TXT": list(texts)}


@pytest.mark.parametrize(
    ("records", "problems"),
    [
        ({}, ["no SPF record"]),
        ({"x": _text("other", "v=spf10 -all")}, ["no SPF record"]),
        ({"x": _text("v=spf1 -all", "v=spf1 ~all")}, ["2 SPF records instead of 1"]),
        ({"x": _text("v=spf1 include:_spf.google.com ~all")}, []),
        ({"x": _text("v=SPF1 include:_spf.google.com -ALL")}, []),
        ({"x": _text("v=spf1 redirect=y.{}"), "y": _text("v=spf1 include:_spf.google.com -all")}, []),
        ({"x": {"CNAME": "y.{}"}, "y": _text("v=spf1 include:_spf.google.com -all")}, []),
        *(
            ({"x": _text(record)}, ["SPF does not include Google Workspace (include:_spf.google.com)"])
            for record in ("v=spf1 -all include:_spf.google.com", "v=spf1 ?include:_spf.google.com -all")
        ),
        ({"x": _text("v=spf1 mx -all")}, ["SPF does not include Google Workspace (include:_spf.google.com)"]),
        (
            {"x": _text("v=spf1 include:_spf.google.com +all")},
            ["SPF ends with +all instead of ~all or -all, which tells receivers how to treat other mail"],
        ),
        (
            {"x": _text("v=spf1 include:_spf.google.com include:y.{} -all"), "y": _text("none")},
            ["SPF leads to y.{}, which has no SPF record, so receivers ignore it"],
        ),
        (
            {"x": _text("v=spf1 include:_spf.google.com a mx ptr exists:y.{} a:y.{} mx:y.{} a:z.{} a:w.{} -all")},
            ["SPF needs more than 10 DNS lookups, so receivers ignore it"],
        ),
        (
            {"x": _text("v=spf1 include:_spf.google.com include:y.{} -all"), "y": _text("v=spf1 include:x.{} -all")},
            ["SPF needs more than 10 DNS lookups, so receivers ignore it"],
        ),
        (
            {"x": _text("v=spf1 " + "ip4:192.0.2.1 " * 90 + "include:_spf.google.com -all")},  # too long for UDP
            [],
        ),
    ],
)
def test_spf_is_followed_as_receivers_follow_it(tenant: Tenant, records: Records, problems: Sequence[str]) -> None:
    filled = {
        name: {sort: _filled(value, tenant.domain) for sort, value in record.items()}
        for name, record in records.items()
    }
    dns, domain = _open_dns(tenant, filled)

    assert list(spf_problems(dns, f"x.{domain}", GOOGLE)) == [problem.format(domain) for problem in problems]


def _filled(value: object, domain: str) -> object:
    return [str(text).format(*[domain] * 9) for text in value] if isinstance(value, list) else str(value).format(domain)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"fault": "servfail"}, "SERVFAIL"),
        ({"fault": "refused"}, "REFUSED"),
        ({"fault": "silent"}, "no response in time"),
        ({"fault": "truncated", "TXT": ["v=spf1 -all"]}, "no server sent a usable response|no response in time"),
        ({"CNAME": "x.example-primary.example"}, "no server sent a usable response|could not be used"),
        ({"CNAME": "elsewhere.example"}, "REFUSED"),
    ],
)
def test_what_the_dns_does_not_answer_is_unknown_and_never_absent(
    tenant: Tenant, record: Mapping[str, object], why: str
) -> None:
    dns, domain = _open_dns(tenant, {"x": record, "y": _text(f"v=spf1 include:x.{tenant.domain} -all")})

    for _ in range(2):  # what went wrong once is not asked for again
        with pytest.raises(Unavailable, match=why):
            read_spf(dns, f"x.{domain}")
    with pytest.raises(Unavailable):
        list(spf_problems(dns, f"y.{domain}", GOOGLE))


def test_a_known_problem_is_told_although_an_include_does_not_answer(tenant: Tenant) -> None:
    dns, domain = _open_dns(tenant, {"x": _text(f"v=spf1 include:y.{tenant.domain} ?all"), "y": {"fault": "servfail"}})
    found = spf_problems(dns, f"x.{domain}", GOOGLE)

    assert next(found) == "SPF ends with ?all instead of ~all or -all, which tells receivers how to treat other mail"


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("example-primary.example", "example-primary.example"),
        ("mail.example-primary.kent.sch.uk", "example-primary.kent.sch.uk"),
        ("kent.sch.uk", "kent.sch.uk"),
        ("pupils.example.co.uk", "example.co.uk"),
        ("a.b.example.org", "example.org"),
    ],
)
def test_the_organisation_of_a_domain_is_found_without_a_network(domain: str, organisation: str) -> None:
    assert organisational_domain(domain) == organisation


@pytest.mark.parametrize(
    ("records", "wanted", "problems"),
    [
        ({"_dmarc.x": _text("v=DMARC1; p=reject; rua=mailto:d@x.example")}, "reject", []),
        ({}, "quarantine", []),  # the record of the organisational domain counts, as the sample's DNS has it
        ({}, "reject", ["the DMARC policy is quarantine, which is weaker than reject"]),
        ({"_dmarc": _text("v=DMARC1; p=reject; sp=none; rua=mailto:d@x.example")}, "quarantine",
         ["the DMARC policy is none, which is weaker than quarantine"]),
        ({"_dmarc.x": _text("v=DMARC1; p=none")}, "none", ["DMARC has no address for reports (rua)"]),
        ({"_dmarc.x": _text("v=DMARC1; p=non")}, "none",
         ["DMARC at _dmarc.x.{} has an invalid policy (p=non)"]),
        ({"_dmarc.x": _text("v=DMARC1; p=none", "v=DMARC1; p=reject")}, "none",
         ["2 DMARC records at _dmarc.x.{}, which receivers ignore"]),
        ({"_dmarc": _text("other")}, "none", ["no DMARC record"]),
        *(
            ({"_dmarc.x": _text("v=DMARC1; p=reject; pct=0; sp=none; rua=mailto:d@x.example")}, wanted, problems)
            for wanted, problems in (("quarantine", ["DMARC applies to only 0 % of mail (pct)"]), ("none", []))
        ),
    ],
)  # fmt: skip
def test_dmarc_is_the_domains_own_or_its_organisations(
    tenant: Tenant, records: Records, wanted: str, problems: Sequence[str]
) -> None:
    dns, domain = _open_dns(tenant, records)

    assert list(dmarc_problems(dns, f"x.{domain}", wanted)) == [problem.format(domain) for problem in problems]


def test_what_an_organisation_says_of_its_subdomains_is_no_weaker(tenant: Tenant) -> None:
    dns, domain = _open_dns(tenant, {"_dmarc": _text("v=DMARC1; p=reject; sp=none; rua=mailto:d@x.example")})

    weak = ["the DMARC policy for subdomains (sp) is none, which is weaker than quarantine"]
    assert list(dmarc_problems(dns, domain, "quarantine")) == weak


def test_other_records_have_to_be_there_once_and_whole(tenant: Tenant) -> None:
    records = {
        "_mta-sts.y": _text("v=STSv1;"),
        "_smtp._tls.y": _text("v=TLSRPTv1; rua=mailto:a@x.example", "v=TLSRPTv1; rua=mailto:b@x.example"),
        "gone._domainkey": _text("v=DKIM1; p="),
        "trial._domainkey": _text("v=DKIM1; t=s:y; p=MIIB"),
    }
    dns, domain = _open_dns(tenant, records)
    looks: Sequence[tuple[Callable[[Dns, str], object], str, list[str]]] = [
        (transport_problems, domain, []),
        (transport_problems, f"x.{domain}", ["no record for MTA-STS"]),
        (transport_problems, f"y.{domain}", ["the record for MTA-STS has no id="]),
        (reporting_problems, f"y.{domain}", ["2 records for TLS reporting instead of 1"]),
        (key_problems, f"google._domainkey.{domain}", []),
        (key_problems, f"gone._domainkey.{domain}", [f"the DKIM key at gone._domainkey.{domain} is revoked"]),
        (
            key_problems,
            f"trial._domainkey.{domain}",
            [f"the DKIM key at trial._domainkey.{domain} is in test mode (t=y), so receivers treat mail as unsigned"],
        ),
        (key_problems, f"none._domainkey.{domain}", [f"no DKIM key at none._domainkey.{domain}"]),
    ]

    assert [list(look(dns, name)) for look, name, _ in looks] == [problems for *_, problems in looks]  # type: ignore[call-overload]


def test_a_real_target_asks_the_servers_that_are_set(tenant: Tenant) -> None:
    address = str(tenant.emulator.line["dns"])
    dns = open_dns(Target(name="live", variables={"TOOLKIT_DNS": address}))

    assert dns.mail_servers(tenant.domain)[1] == "aspmx.l.google.com"
    assert dns.texts(f"nothing.{tenant.domain}") == []


@pytest.mark.parametrize("written", ["dns.example", "192.0.2.53:dns", "192.0.2.53 300.0.0.1"])
def test_what_is_no_address_of_a_server_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="TOOLKIT_DNS has"):
        open_dns(Target(name="live", variables={"TOOLKIT_DNS": written}))

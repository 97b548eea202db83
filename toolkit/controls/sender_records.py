"""Checks a domain's mail records: SPF (RFC 7208), DMARC (RFC 7489), MTA-STS (RFC 8461), TLS reporting (RFC 8460).

The functions yield each problem as text. They raise Unavailable if the DNS server does not respond.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache

from toolkit.errors import ServiceError
from toolkit.records import dataclass
from toolkit.sdk import Dns

_SPF, _DMARC = "v=spf1", "v=DMARC1"
_MODES = ("enforce", "testing", "none")
_LOOKUPS = 10  # RFC 7208, 4.6.4
_LOOKING = ("include", "a", "mx", "ptr", "exists", "redirect")
STRENGTH: Mapping[str, int] = {"none": 0, "quarantine": 1, "reject": 2}


def organisational_domain(domain: str) -> str:
    """Return the registered domain above a domain, according to the Public Suffix List."""
    return _load_suffix_list()(domain) or domain


@cache
def _load_suffix_list() -> Callable[[str], str | None]:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList().privatesuffix  # the library includes the list, so nothing is downloaded


def _records_of_version(texts: Sequence[str], version: str) -> list[str]:
    """Return the TXT records that start with a version tag such as v=spf1."""
    return [
        text for text in texts if text[: len(version)].lower() == version.lower() and text[len(version) :][:1] in " ;"
    ]


@dataclass
class SpfRecord:
    """The SPF record of a domain, evaluated together with all included records."""

    text: str = ""
    lookups: int = 0
    includes: set[str] = field(default_factory=set)
    end: str = ""  # -all, ~all, ?all or +all, or "" if the record does not have one
    problems: list[str] = field(default_factory=list)
    unread: ServiceError | None = None  # why an included record could not be read

    @property
    def whole(self) -> bool:
        """Return whether the record exists and receivers can evaluate the whole record."""
        return bool(self.text) and self.lookups <= _LOOKUPS


def read_spf(dns: Dns, domain: str) -> SpfRecord:
    """Read the SPF record of a domain and follow its includes, up to the lookup limit of receivers."""
    spf = SpfRecord()
    records = _records_of_version(dns.texts(domain), _SPF)
    if len(records) == 1:
        spf.text = records[0]
        _follow_terms(dns, records[0], spf, own=True)
    else:
        spf.problems.append(f"{len(records)} SPF records instead of 1" if records else "no SPF record")
    if spf.lookups > _LOOKUPS:
        spf.problems.append(f"SPF needs more than {_LOOKUPS} DNS lookups, so receivers ignore it")
    return spf


def _follow_terms(dns: Dns, record: str, spf: SpfRecord, *, own: bool) -> None:
    """Evaluate each term of a record. Only the lookups and includes of an included record count."""
    for term in record.split()[1:]:
        sign, body = (term[0], term[1:]) if term[0] in "+-~?" else ("+", term)
        name, value = _split_term(body)
        if name == "all":
            spf.end = f"{sign}all" if own else spf.end
            return  # receivers ignore later terms
        if name in _LOOKING:
            spf.lookups += 1
            if spf.lookups > _LOOKUPS:
                return
        if name in ("include", "redirect") and "%" not in value:
            spf.includes |= {value} if sign == "+" else set()
            _follow_include(dns, value, spf, own=own and name == "redirect")


def _follow_include(dns: Dns, domain: str, spf: SpfRecord, *, own: bool) -> None:
    try:
        records = _records_of_version(dns.texts(domain), _SPF) if domain else []
    except ServiceError as error:
        spf.unread = spf.unread or error
        return
    if len(records) == 1:
        _follow_terms(dns, records[0], spf, own=own)
    else:
        count = f"{len(records)} SPF records" if records else "no SPF record"
        spf.problems.append(f"SPF leads to {domain or 'no domain'}, which has {count}, so receivers ignore it")


def _split_term(body: str) -> tuple[str, str]:
    """Split a term such as include:spf.example, redirect=spf.example, mx or a:host/24 into its name and domain."""
    for mark in ("=", ":", "/"):
        name, separator, value = body.partition(mark)
        if separator and name.isalpha():
            return name.lower(), value.rstrip(".").lower() if mark != "/" else ""
    return body.lower(), ""


def spf_problems(dns: Dns, domain: str, required_includes: Mapping[str, str]) -> Iterator[str]:
    """Yield the SPF problems of a domain that sends mail.

    `required_includes` maps domains to the names of their senders.
    """
    spf = read_spf(dns, domain)
    yield from spf_record_faults(spf)
    if spf.unread:
        raise spf.unread
    missing = [f"{who} (include:{target})" for target, who in required_includes.items() if target not in spf.includes]
    if missing and spf.whole:
        yield f"SPF does not include {', '.join(missing)}"


def spf_record_faults(spf: SpfRecord) -> Iterator[str]:
    """Yield the faults of an SPF record, apart from missing includes."""
    yield from spf.problems
    if spf.whole and spf.end not in ("-all", "~all") and (spf.end or not spf.unread):
        yield (
            f"SPF ends with {spf.end or 'nothing'} instead of ~all or -all, which tells receivers how to treat "
            "other mail"
        )


def no_mail_domain_problems(dns: Dns, domain: str) -> Iterator[str]:
    """Yield a problem if a domain that must not send mail does not forbid it in SPF."""
    if _records_of_version(dns.texts(domain), _SPF) != ["v=spf1 -all"]:
        yield "the domain sends nothing, but its SPF is not 'v=spf1 -all'"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """The DMARC record that applies to a domain, and the domain that publishes the record."""

    text: str
    of: str  # the domain that publishes it: the domain itself, or its organisational domain
    policy: str
    reports: str
    below: str  # the policy for subdomains, or "" if the record does not set one
    share: str  # the percentage of mail to which it applies


def read_dmarc(dns: Dns, domain: str) -> DmarcRecord | str:
    """Return the DMARC record that applies to a domain, or the reason why receivers ignore the record."""
    organisation = organisational_domain(domain)
    for of in dict.fromkeys((domain, organisation)):
        records = _records_of_version(dns.texts(f"_dmarc.{of}"), _DMARC)
        if len(records) > 1:
            return f"{len(records)} DMARC records at _dmarc.{of}, which receivers ignore"
        if records:
            tags = _parse_tags(records[0])
            policy = tags.get("sp", tags.get("p", "")) if of != domain else tags.get("p", "")
            if policy.lower() not in STRENGTH:
                return f"DMARC at _dmarc.{of} has an invalid policy (p={policy})"
            below, share = tags.get("sp", "").lower(), tags.get("pct", "100")
            return DmarcRecord(records[0], of, policy.lower(), tags.get("rua", ""), below, share)
    return "no DMARC record"


def _parse_tags(record: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}


def dmarc_problems(dns: Dns, domain: str, weakest_policy: str) -> Iterator[str]:
    """Yield the DMARC problems of a domain. `weakest_policy` is the weakest policy that passes."""
    dmarc = read_dmarc(dns, domain)
    if isinstance(dmarc, str):
        yield dmarc
        return
    if STRENGTH[dmarc.policy] < STRENGTH[weakest_policy]:
        yield f"the DMARC policy is {dmarc.policy}, which is weaker than {weakest_policy}"
    elif STRENGTH[weakest_policy] and dmarc.share != "100":
        yield f"DMARC applies to only {dmarc.share} % of mail (pct)"
    if (
        dmarc.of == domain == organisational_domain(domain)
        and STRENGTH.get(dmarc.below, STRENGTH[weakest_policy]) < STRENGTH[weakest_policy]
    ):
        yield f"the DMARC policy for subdomains (sp) is {dmarc.below}, which is weaker than {weakest_policy}"
    if not dmarc.reports:
        yield "DMARC has no address for reports (rua)"


def transport_problems(dns: Dns, domain: str) -> Iterator[str]:
    """Yield the problems with a domain's MTA-STS record and policy file."""
    wrong = list(_single_record_problems(dns, f"_mta-sts.{domain}", "v=STSv1", "id", "MTA-STS"))
    yield from wrong or policy_problems(dns, domain)


def policy_problems(dns: Dns, domain: str) -> Iterator[str]:
    """Yield the problems of a domain's MTA-STS policy file, such as missing mail servers."""
    text, wrong = dns.policy_file(domain)
    if wrong:
        yield f"no MTA-STS policy file: {wrong}"
        return
    policy = _parse_policy(text)
    mode, age = policy.get("mode", [""])[0], policy.get("max_age", [""])[0]
    if policy.get("version") != ["stsv1"] or mode not in _MODES or not age.isascii() or not age.isdecimal():
        yield "the MTA-STS policy file needs `version: STSv1`, a `mode` and `max_age` in seconds"
    elif mode != "enforce":
        yield f"the MTA-STS policy file has mode: {mode}, so mail is still sent unencrypted if encryption fails"
    left_out = [
        host
        for host in dns.mail_servers(domain)
        if not any(_matches_pattern(host, end) for end in policy.get("mx", ()))
    ]
    if left_out and mode != "none":
        yield f"the MTA-STS policy file does not list {', '.join(left_out)}"


def _parse_policy(text: str) -> Mapping[str, list[str]]:
    """Parse an MTA-STS policy file into a list of values for each key, in lower case."""
    values: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, mark, value = line.partition(":")
        if mark:
            values.setdefault(key.strip().lower(), []).append(value.strip().lower())
    return values


def _matches_pattern(host: str, pattern: str) -> bool:
    """Return whether a mail server matches a pattern in an MTA-STS policy file. `*.` matches exactly one label."""
    return host == pattern or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


def reporting_problems(dns: Dns, domain: str) -> Iterator[str]:
    """Yield the problems with a domain's TLS reporting record."""
    yield from _single_record_problems(dns, f"_smtp._tls.{domain}", "v=TLSRPTv1", "rua", "TLS reporting")


def _single_record_problems(dns: Dns, name: str, version: str, tag: str, title: str) -> Iterator[str]:
    records = _records_of_version(dns.texts(name), version)
    if len(records) != 1:
        yield f"{len(records)} records for {title} instead of 1" if records else f"no record for {title}"
    elif not _parse_tags(records[0]).get(tag):
        yield f"the record for {title} has no {tag}="


def key_problems(dns: Dns, name: str) -> Iterator[str]:
    """Yield the problems with a DKIM key that is published as a TXT record."""
    keys = [tags for text in dns.texts(name) if "p" in (tags := _parse_tags(text))]
    if len(keys) != 1:
        yield f"{len(keys)} DKIM keys at {name} instead of 1" if keys else f"no DKIM key at {name}"
    elif not keys[0]["p"]:
        yield f"the DKIM key at {name} is revoked"
    elif "y" in keys[0].get("t", "").lower().split(":"):
        yield f"the DKIM key at {name} is in test mode (t=y), so receivers treat mail as unsigned"

"""The findings about DNS records for e-mail, and an e-mail that requests missing records."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from toolkit.controls.sender_authentication import DKIM, DMARC, MTA_STS, SPF, TLS, Authentication
from toolkit.controls.sender_records import (
    STRENGTH,
    dmarc_problems,
    no_mail_domain_problems,
    read_dmarc,
    read_spf,
    reporting_problems,
    spf_problems,
    spf_record_faults,
    transport_problems,
)
from toolkit.errors import RequestFailed, ServiceError
from toolkit.school.school import School
from toolkit.sdk import (
    COULD_NOT_BE_READ,
    NOTHING_TO_COUNT,
    CheckOccasion,
    Dns,
    Finding,
    Measurement,
    ReasonCode,
    Status,
    Things,
    same_words,
)

REPORTS_BEFORE_REJECT = 60
"""The days for which DMARC reports must show every sender aligned before p=reject is recommended."""

Problems = Callable[[str], Iterable[str]]
Includes = Callable[[str], Mapping[str, str]]

_WRONG = ReasonCode(
    "sender_records_wrong",
    admin="{list}",
    governor="{count} domains do not publish the required records",
    lacking="{count} e-mail domains {count:does|do} not publish the required {title} records",
)
_UNREAD = ReasonCode("sender_records_unread", admin="; unknown: {list}", governor="; unknown for other domains")
_RIGHT = same_words("sender_records_right", "published as required for {count} domains")
_NO_DOMAIN = same_words("sender_records_none", "this cloud has no domain that sends mail")


class DomainRecords(Measurement):
    """The number of domains checked, the faults of each domain, and the reasons why domains could not be read."""

    domains: int
    wrong: Mapping[str, Sequence[str]]
    unread: Mapping[str, str]


def dns_findings(
    settings: Authentication,
    context: CheckOccasion,
    dns: Dns,
    domains: Sequence[str],
    dkim: Problems,
    *,
    clouds: Mapping[str, tuple[str, str]],
    keys: Problems,
) -> Iterator[Finding]:
    """Yield the findings about the DNS records of domains.

    The first failed finding includes the e-mail with the records to publish. `clouds` maps the suffix of an MX host to
    the domain that SPF must include and the name of its sender. `keys` returns the DKIM lines that a domain lacks.
    """
    domains = [domain for domain in domains if domain.casefold() not in context.other_domains]
    sending = [domain for domain in domains if domain not in settings.sends_nothing]
    includes = partial(_required_includes, settings, dns, clouds)

    def spf(domain: str) -> Iterable[str]:
        is_closed = domain in settings.sends_nothing
        return no_mail_domain_problems(dns, domain) if is_closed else spf_problems(dns, domain, includes(domain))

    def dmarc(domain: str) -> Iterable[str]:
        return dmarc_problems(dns, domain, "reject" if domain in settings.sends_nothing else settings.dmarc)

    silent = [domain for domain in settings.sends_nothing if domain not in domains]
    findings = [
        _domains_finding(SPF, [*domains, *silent], spf),
        _domains_finding(DKIM, sending, dkim),
        _domains_finding(DMARC, [*domains, *silent], dmarc),
        _domains_finding(MTA_STS, sending, lambda domain: transport_problems(dns, domain)),
        _domains_finding(TLS, sending, lambda domain: reporting_problems(dns, domain)),
    ]
    failing = next((finding for finding in findings if finding.status is Status.FAIL), None)
    today = context.now.astimezone(ZoneInfo(context.school.time_zone)).date()
    own = (partial(_spf_lines, settings, dns, includes), keys)
    lines = list(_request_lines(settings, dns, [*domains, *silent], own, today)) if failing else []
    for finding in findings:
        yield (
            replace(finding, letter=_request_mail_lines(context.school, lines))
            if finding is failing and lines
            else finding
        )


def _required_includes(
    settings: Authentication, dns: Dns, clouds: Mapping[str, tuple[str, str]], domain: str
) -> Mapping[str, str]:
    """Return the domains that SPF must include for the domain's clouds and other services, with the senders' names."""
    hosts = dns.mail_servers(domain)
    own = {include: who for end, (include, who) in clouds.items() if any(host.endswith(end) for host in hosts)}
    return {**own, **{sender.include: sender.name for sender in settings.senders}}


def _domains_finding(subject: str, domains: Sequence[str], problems: Problems) -> Finding:
    """Return the finding about all domains. It fails if a domain has a problem, even if others could not be read."""
    wrong, unread = dict[str, list[str]](), dict[str, str]()
    for domain in domains:
        try:
            for problem in problems(domain):
                wrong.setdefault(domain, []).append(problem)
        except ServiceError as error:
            unread[domain] = str(error)
    if not domains:
        return Finding(subject, Status.PASS, _NO_DOMAIN(), measurement=NOTHING_TO_COUNT)
    named = "; ".join(f"{domain}: {', '.join(domain_problems)}" for domain, domain_problems in wrong.items())
    unknown = "; ".join(f"{domain}: {why}" for domain, why in unread.items())
    measurement = DomainRecords(domains=len(domains), wrong=wrong, unread=unread)
    if wrong:
        reason = _WRONG(list=named, count=Things(len(wrong), len(domains)), title=subject)
        reason = reason.then(_UNREAD(list=unknown) if unread else None)
        return Finding(subject, Status.FAIL, reason, measurement=measurement)
    if unread:
        return Finding(subject, Status.UNKNOWN, COULD_NOT_BE_READ(text=unknown), measurement=measurement)
    return Finding(subject, Status.PASS, _RIGHT(count=Things(len(domains), len(domains))), measurement=measurement)


def _request_lines(
    settings: Authentication, dns: Dns, domains: Sequence[str], own: Sequence[Problems], today: date
) -> Iterator[str]:
    """Yield lines for the e-mail about each missing or weak record.

    `own` has functions that return lines of the cloud.
    """
    for domain in domains:
        try:
            for lines in own:
                yield from lines(domain)
            yield from _dmarc_lines(settings, dns, domain, today)
            if domain not in settings.sends_nothing:
                yield from _transport_lines(dns, domain, today)
        except RequestFailed:
            yield f"; {domain}: toolkit could not read some records, so please check them before you change anything"


def _spf_lines(settings: Authentication, dns: Dns, includes: Includes, domain: str) -> Iterator[str]:
    """Yield a request for SPF changes in words, because toolkit does not know all senders.

    For a domain that never sends, yield the exact record.
    """
    if domain in settings.sends_nothing:
        if list(no_mail_domain_problems(dns, domain)):
            yield f'{domain}. TXT "v=spf1 -all"'
        return
    record = read_spf(dns, domain)
    faults = "; ".join(spf_record_faults(record))
    missing = " ".join(f"include:{target}" for target in includes(domain) if target not in record.includes)
    if not record.text and faults:
        yield f"; {domain}: {faults}. Please ask the school who sends its mail before you publish one."
    elif faults:
        yield f"; {domain}: please correct the SPF record: {faults}"
    if missing and record.whole and not record.unread:
        yield f"; {domain}: please add to the SPF record: {missing}"


def _dmarc_lines(settings: Authentication, dns: Dns, domain: str, today: date) -> Iterator[str]:
    record = read_dmarc(dns, domain)
    to = settings.reports_to or f"dmarc@{domain}"
    policy = "reject" if domain in settings.sends_nothing else recommended_policy(settings, today)
    if isinstance(record, str) or list(dmarc_problems(dns, domain, policy)):
        if not isinstance(record, str) and STRENGTH[record.policy] > STRENGTH[policy]:
            policy = record.policy
        yield f'_dmarc.{domain}. TXT "v=DMARC1; p={policy}; rua=mailto:{to}"'


def _transport_lines(dns: Dns, domain: str, today: date) -> Iterator[str]:
    """Yield lines that give the DNS record for MTA-STS and, if the domain publishes no policy file, the file to
    publish.
    """
    from toolkit.sdk import POLICY_FILE  # imported late because it loads TLS, which few commands need

    hosts = dns.mail_servers(domain)
    if not hosts or not list(transport_problems(dns, domain)):
        return
    if dns.policy_file(domain)[1]:
        yield f"; {domain}: please serve these lines as text/plain at https://mta-sts.{domain}/{POLICY_FILE},"
        yield "; with a publicly trusted certificate, and change the mode to enforce once TLS reports show no failures:"
        yield from ("version: STSv1", "mode: testing", *(f"mx: {host}" for host in hosts), "max_age: 604800")
    else:
        yield (
            f"; {domain}: please check https://mta-sts.{domain}/{POLICY_FILE}. Each change needs a new id in the "
            "record."
        )
    yield f'_mta-sts.{domain}. TXT "v=STSv1; id={today:%Y%m%d}"'


def recommended_policy(settings: Authentication, today: date) -> str:
    """Return the DMARC policy to publish, which is `none` until reports have shown every sender aligned for 60 days."""
    since = settings.reports_since
    proven = since is not None and since + timedelta(days=REPORTS_BEFORE_REJECT) <= today
    return settings.dmarc if proven else "none"


def _request_mail_lines(school: School, lines: Sequence[str]) -> tuple[str, ...]:
    keeper = school.dns
    to = f"{keeper.run_by} <{keeper.contact}>" if keeper and keeper.contact else keeper.run_by if keeper else ""
    return (
        f"To: {to or 'the DNS operator (add it to the school file as `dns: {run_by: ..., contact: ...}`)'}",
        f"Subject: DNS records for {school.name}",
        "",
        f"Please publish these records for {school.name}, and tell us when they are there. Lines that begin with ; are",
        "requests in words. Please do not replace other records, and ask us if one of these records already exists.",
        "",
        *lines,
    )

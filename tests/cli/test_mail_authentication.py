"""Mail authentication through the command line: DKIM in two steps, the e-mail about the DNS, exit codes."""

from typing import Any

import pytest

from tests.door import CommandResult, Door

ONLY = ("--only", "mail.authentication")
CONFIGS = "exchange.dkimSigningConfigs"


@pytest.fixture
def school(small_door: Door) -> Door:
    """Give a school that asks for mail authentication alone, with a second domain of which nothing is published."""
    for path in small_door.playbooks.glob("[1-9]*.yaml"):
        path.unlink()
    _ask_for(small_door, "dmarc: quarantine")
    return small_door


def _ask_for(door: Door, *settings: str) -> None:
    lines = "".join(f"      {setting}\n" for setting in settings)
    heading = "playbook: sending\ntitle: Sending\nowner: Head Teacher\nclauses: [GEN-11]\n\ncontrols:\n"
    door.write("10-sending.yaml", f"{heading}  - mail.authentication:\n{lines}")


def _unpublish(door: Door, *names: str) -> None:
    for name in names:
        door.tenant.delete("dns.records", f"{name}.{door.tenant.domain}")


def _publish(door: Door, name: str, record: dict[str, object]) -> None:
    door.tenant.put("dns.records", f"{name}.{door.tenant.domain}", record)


def _config(door: Door) -> dict[str, Any]:
    return next(row for row in door.tenant.objects(CONFIGS).values() if row["Domain"] == door.tenant.domain)


def _statuses(answered: CommandResult, provider: str) -> dict[str, str]:
    return {row["subject"]: row["status"] for row in answered.json["findings"] if row["provider"] == provider}


def test_a_domain_gets_keys_at_once_and_signs_only_when_the_dns_has_both_lines(school: Door) -> None:
    selectors = ("selector1._domainkey", "selector2._domainkey")
    published = {name: school.tenant.read_object("dns.records", f"{name}.{school.tenant.domain}") for name in selectors}
    _unpublish(school, *selectors)

    first = school.toolkit("apply", "--yes")
    waiting, again = school.toolkit("plan"), school.toolkit("apply", "--yes")
    checked = school.toolkit("check", *ONLY)
    config = _config(school)
    lines = [f"selector{n}._domainkey.{school.tenant.domain}. CNAME {config[f'Selector{n}CNAME']}." for n in (1, 2)]

    assert (first.exit, waiting.exit, again.exit, checked.exit) == (0, 0, 0, 3)
    assert (config["Enabled"], config["Selector1KeySize"]) == (False, 2048)
    assert all(line in waiting.out and line in checked.out for line in lines)
    assert "does not sign yet. By hand, publish in the DNS" in waiting.out
    assert "Subject: DNS records for Example Primary School" in checked.out

    _publish(school, selectors[0], published[selectors[0]])
    half = school.toolkit("apply", "--yes")
    assert (half.exit, _config(school)["Enabled"]) == (0, False)

    _publish(school, selectors[1], published[selectors[1]])
    ready, signed, after = school.toolkit("plan"), school.toolkit("apply", "--yes"), school.toolkit("drift")
    assert (ready.exit, signed.exit, after.exit) == (3, 0, 0)
    assert _config(school)["Enabled"] is True
    assert school.toolkit("check", *ONLY).exit == 0

    _publish(school, selectors[0], {"CNAME": "elsewhere.example-primary.example"})
    assert "DKIM signs, but the DNS lacks these records of the domain's key" in school.toolkit("check", *ONLY).out


def test_keys_are_not_switched_on_while_the_dns_does_not_answer(school: Door) -> None:
    _publish(school, "selector2._domainkey", {"fault": "servfail"})

    made = school.toolkit("apply", "--yes")
    planned, checked = school.toolkit("plan"), school.toolkit("check", *ONLY, "--json")

    assert made.exit == 4
    assert _config(school)["Enabled"] is False
    assert (planned.exit, checked.exit) == (4, 4)
    assert _statuses(checked, "microsoft365")["DKIM"] == "unknown"


@pytest.mark.parametrize(
    "fault", ["servfail", *(pytest.param(one, marks=pytest.mark.soak) for one in ("refused", "silent", "truncated"))]
)
def test_a_dns_that_does_not_answer_is_unknown_and_a_known_failure_outranks_it(school: Door, fault: str) -> None:
    assert school.toolkit("apply", "--yes").exit == 0
    _publish(school, "_dmarc", {"TXT": ["v=DMARC1; p=reject; rua=mailto:d@example-primary.example"], "fault": fault})

    unknown = school.toolkit("check", *ONLY, "--json", TOOLKIT_PATIENCE="2")
    _unpublish(school, "_smtp._tls")
    known = school.toolkit("check", *ONLY, "--json", TOOLKIT_PATIENCE="2")

    assert (unknown.exit, known.exit) == (4, 3)
    for provider in ("microsoft365", "google_workspace"):
        found = _statuses(known, provider)
        assert (found["DMARC"], found["TLS reporting"], found["SPF"]) == ("unknown", "fail", "pass")


def test_keys_that_cannot_be_read_hide_nothing_that_the_dns_shows(school: Door) -> None:
    assert school.toolkit("apply", "--yes").exit == 0
    _unpublish(school, "_smtp._tls")
    school.tenant.fault("refused", "Get-DkimSigningConfig", times=9)

    checked = school.toolkit("check", *ONLY, "--json")

    found = _statuses(checked, "microsoft365")
    assert checked.exit == 3
    assert (found["DKIM"], found["TLS reporting"], found["SPF"]) == ("unknown", "fail", "pass")


@pytest.mark.parametrize(
    ("settings", "advised"),
    [
        pytest.param(("dmarc: reject",), "p=none", marks=pytest.mark.soak),
        (("dmarc: reject", "reports_since: 2026-09-30"), "p=none"),  # 41 days before the school's today
        (("dmarc: reject", "reports_since: 2026-09-11"), "p=reject"),  # 60 days
        pytest.param(("dmarc: quarantine",), "p=none", marks=pytest.mark.soak),
    ],
)
def test_reject_is_advised_only_after_60_days_of_reports(school: Door, settings: tuple[str, ...], advised: str) -> None:
    _ask_for(school, *settings, "reports_to: dmarc@example-primary.example")
    _unpublish(school, "_dmarc")

    checked = school.toolkit("check", *ONLY)

    assert checked.exit == 3
    assert f'TXT "v=DMARC1; {advised}; rua=mailto:dmarc@example-primary.example"' in checked.out
    assert "dns@localauthority.example" in checked.out


def test_a_domain_that_sends_nothing_must_refuse_all_of_it(school: Door) -> None:
    _ask_for(school, "sends_nothing: [old.example-primary.example]")
    assert school.toolkit("apply", "--yes").exit == 0
    open_ = school.toolkit("check", *ONLY)
    _publish(school, "old", {"TXT": ["v=spf1 -all"]})
    _publish(school, "_dmarc.old", {"TXT": ["v=DMARC1; p=reject; rua=mailto:d@example-primary.example"]})

    assert open_.exit == 3
    assert 'old.example-primary.example. TXT "v=spf1 -all"' in open_.out
    assert '_dmarc.old.example-primary.example. TXT "v=DMARC1; p=reject' in open_.out
    assert school.toolkit("check", *ONLY).exit == 0


def test_a_sender_that_spf_leaves_out_is_named(school: Door) -> None:
    _ask_for(school, "senders: [{name: Parent app, include: spf.parent-app.example}]")

    checked = school.toolkit("check", *ONLY)

    assert "SPF does not include Parent app (include:spf.parent-app.example)" in checked.out
    assert "please add to the SPF record: include:spf.parent-app.example" in checked.out


def test_the_letter_asks_for_what_is_wrong_and_for_nothing_that_is_there(school: Door) -> None:
    _ask_for(school)
    assert school.toolkit("apply", "--yes").exit == 0
    spf = ["v=spf1 include:spf.protection.outlook.com +all"]
    school.tenant.patch("dns.records", school.tenant.domain, TXT=spf)
    open_ = school.toolkit("check", *ONLY).out
    _unpublish(school, "selector1._domainkey")
    lost = school.toolkit("check", *ONLY).out

    asked = f"; {school.tenant.domain}: please correct the SPF record: SPF ends with +all"
    assert asked in open_
    assert "please add to the SPF record: include:_spf.google.com" in open_
    assert "_domainkey" not in open_
    assert f"selector1._domainkey.{school.tenant.domain}. CNAME" in lost
    assert f"selector2._domainkey.{school.tenant.domain}. CNAME" not in lost


def test_direct_send_is_refused_only_after_someone_looked_at_the_senders(school: Door) -> None:
    _ask_for(school, "direct_send: refuse")
    unseen = school.toolkit("plan")
    _ask_for(school, "direct_send: refuse", "senders_reviewed: {by: School Business Manager, on: 2026-11-02}")
    applied = school.toolkit("apply", "--yes")

    assert unseen.exit == 2
    assert "copiers, payroll and alarms may send this way" in unseen.err
    assert applied.exit == 0
    ((organisation),) = school.tenant.objects("exchange.organizationConfig").values()
    assert organisation["RejectDirectSend"] is True
    assert school.toolkit("plan").exit == 0


def test_domains_that_are_not_the_schools_are_named_with_what_to_do(school: Door) -> None:
    key, domain = next(iter(school.tenant.objects("exchange.acceptedDomains").items()))
    second = f"second.{school.tenant.domain}"
    school.tenant.put("exchange.acceptedDomains", f"{key[:-2]}ff", {**domain, "DomainName": second, "Name": second})

    checked = school.toolkit("check", *ONLY)

    assert f"{second}: DKIM has no keys yet. apply creates them, once the school file lists the domain" in checked.out
    assert f"{second}: no SPF record" in checked.out


FILES = "web.policyFiles"
WHOLE = "version: STSv1\nmode: enforce\nmx: *.mail.protection.outlook.com\nmx: aspmx.l.google.com\nmax_age: 604800\n"


def _transport(door: Door) -> tuple[str, str]:
    """Return the status of MTA-STS, which is one on both clouds, with its reason."""
    found = door.toolkit("check", *ONLY, "--json").json["findings"]
    (told,) = {(row["status"], row["reason"]) for row in found if row["subject"] == "MTA-STS"}
    return told


def test_the_policy_file_behind_the_record_is_read_and_written_out_where_it_is_missing(school: Door) -> None:
    domain = school.tenant.domain
    assert _transport(school)[0] == "pass"
    school.tenant.delete(FILES, domain)

    status, reason = _transport(school)

    assert status == "fail"
    assert "no MTA-STS policy file: its address responds with status 404" in reason
    letter = school.toolkit("check", *ONLY).out.partition("Subject: ")[2]
    assert f"https://mta-sts.{domain}/.well-known/mta-sts.txt" in letter
    for line in ("version: STSv1", "mode: testing", "mx: aspmx.l.google.com", "max_age: 604800"):
        assert line in letter
    assert f'_mta-sts.{domain}. TXT "v=STSv1; id=20261110"' in letter


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [
        ({"text": WHOLE}, "pass", ""),
        (
            {"text": WHOLE.replace("enforce", "testing")},
            "fail",
            "mode: testing, so mail is still sent",
        ),
        ({"text": WHOLE.replace("mx: aspmx.l.google.com\n", "")}, "fail", "does not list aspmx.l.google.com"),
        ({"text": WHOLE.replace("*.mail.", "*.")}, "fail", "does not list example-primary"),  # * is one name alone
        (
            {"text": WHOLE.replace("STSv1", "STSv2")},
            "fail",
            "needs `version: STSv1`, a `mode`",
        ),
        pytest.param(
            {"text": WHOLE.replace("604800", "a week")}, "fail", "needs `version: STSv1`", marks=pytest.mark.soak
        ),
        pytest.param({"text": WHOLE, "type": "text/html"}, "fail", "serves text/html", marks=pytest.mark.soak),
        ({"text": WHOLE, "status": 302}, "fail", "its address responds with status 302"),
        pytest.param({"text": f"{WHOLE}{'#' * 70_000}"}, "fail", "serves more than 64 KB", marks=pytest.mark.soak),
        ({"text": WHOLE, "status": 503}, "unknown", "the host responds with status 503"),
        pytest.param(
            {"text": WHOLE, "status": 429}, "unknown", "the host responds with status 429", marks=pytest.mark.soak
        ),
    ],
)
def test_a_policy_file_counts_only_as_mail_servers_read_it(
    school: Door, file: dict[str, object], status: str, says: str
) -> None:
    school.tenant.put(FILES, school.tenant.domain, file)

    found, reason = _transport(school)

    assert (found, says in reason) == (status, True), reason


def test_a_host_that_the_dns_does_not_have_serves_no_file_and_one_that_cannot_be_reached_is_unknown(
    school: Door,
) -> None:
    domain = school.tenant.domain
    school.tenant.fault("dropped", "GET /.well-known/mta-sts.txt", times=99)
    assert _transport(school)[0] == "unknown"
    _unpublish(school, "_mta-sts", "mta-sts")

    status, reason = _transport(school)

    assert (status, "no record for MTA-STS" in reason) == ("fail", True), reason
    letter = school.toolkit("check", *ONLY).out.partition("Subject: ")[2]
    assert "some records could not be read" not in letter
    for line in ("mode: testing", "mx: aspmx.l.google.com", f'_mta-sts.{domain}. TXT "v=STSv1; id=20261110"'):
        assert line in letter
    _publish(school, "_mta-sts", {"TXT": ["v=STSv1; id=1"]})
    assert f"no MTA-STS policy file: the DNS has no entry for mta-sts.{domain}" in _transport(school)[1]

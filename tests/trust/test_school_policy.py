"""The policy of a trust is judged for each school, over its own slice of the tenants."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulated import Emulator
from tests.trust.ten_schools import RULES, TenSchools, build_ten_schools

POLICY = """\
policy: small
section: Small
owner: Chief Executive
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - clause: EML-01
    says: Mail has a disclaimer.
    class: settable
    place: {paragraph: 1, begins: Mail has}
    controls: [mail.disclaimer]
  - clause: EML-02
    says: Mail from outside is marked.
    class: settable
    place: {paragraph: 2, begins: Mail from}
    controls: [mail.external_tag]
  - clause: DEV-01
    says: Computers lock after ten minutes.
    class: settable
    place: {paragraph: 3, begins: Computers lock}
    controls: [device.compliance]
"""
DISCLAIMER = """\
  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust, beside: true}
"""
CONFIRMED = """\
attestations: elm
confirmed:
  - {control: mail.disclaimer, provider: google_workspace, part: append footer, by: Head Teacher, on: 2026-11-02}
"""
TAG = "  - mail.external_tag: {for: everyone}\n"
COMPLIANCE = "  - device.compliance: {for: staff, platforms: [windows], lock_minutes: 10}\n"


@pytest.fixture
def trust(emulator: Emulator, tmp_path: Path) -> Iterator[TenSchools]:
    trust = build_ten_schools(emulator, tmp_path)
    trust.write("base/10-rules.yaml", RULES + DISCLAIMER + TAG)
    trust.write("base/text.html", "<p>Sent from our trust.</p>")
    trust.write("base/policy.yaml", POLICY)
    yield trust
    trust.close()


def policy(trust: TenSchools, school: str, *words: str) -> Any:
    answer = trust("policy", trust.folder, "--school", school, "--json", *words)
    assert answer.exit in {0, 3, 4}, answer.err
    return answer.json


def statuses(answer: Any) -> dict[str, str]:
    return {row["clause"]: row["status"] for row in answer["clauses"]}


def of_cloud(answer: Any, clause: str, cloud: str = "microsoft365") -> Any:
    (row,) = [row for row in answer["clauses"] if row["clause"] == clause]
    return row["clouds"].get(cloud)


def test_a_clause_that_one_school_meets_does_not_count_for_another(trust: TenSchools) -> None:
    applied = trust("apply", trust.folder, "--yes", "--school", "OAK", "--provider", "microsoft365", "--reach", "500")
    assert applied.exit == 0, applied.out + applied.err

    oak, elm = policy(trust, "OAK"), policy(trust, "ELM")

    assert of_cloud(oak, "EML-01") == "met", oak
    assert of_cloud(elm, "EML-01") == "not met"
    assert oak["school"] == "Oak Primary School"


def test_parts_that_the_trust_sets_say_so_and_have_their_own_reading(trust: TenSchools) -> None:
    applied = trust("apply", trust.folder, "--yes", "--provider", "microsoft365", "--reach", "500")
    assert applied.exit == 0, applied.out + applied.err

    shown = trust("policy", trust.folder, "EML-02", "--school", "OAK").out
    (clause,) = [row for row in policy(trust, "OAK")["clauses"] if row["clause"] == "EML-02"]

    (native,) = [row for row in clause["evidence"] if row["provider"] == "microsoft365"]
    assert native["verdict"] == "holds"
    assert native["who_says"].startswith("read from Microsoft 365 at ")
    assert native["who_says"].endswith(", set by the trust")
    assert "external recipient warning on Google Workspace: no one has confirmed it yet, set by the trust" in shown


def test_a_shared_value_that_waits_for_all_schools_is_not_met(trust: TenSchools) -> None:
    assert trust("apply", trust.folder, "--yes", "--provider", "microsoft365", "--reach", "500").exit == 0
    trust.write("base/text.html", "<p>Another text, sent from our trust.</p>")

    assert of_cloud(policy(trust, "OAK"), "EML-01") == "not met"


def test_people_and_devices_of_the_school_are_the_denominators(trust: TenSchools) -> None:
    trust.write("base/10-rules.yaml", RULES + "  - identity.mfa: {for: staff}\n")
    trust.write("base/policy.yaml", POLICY.replace("mail.disclaimer", "identity.mfa"))

    oak = policy(trust, "OAK")

    (clause,) = [row for row in oak["clauses"] if row["clause"] == "EML-01"]
    counted = [row["reason"] for row in clause["evidence"] if " of " in row["reason"] and "people" in row["reason"]]
    assert counted
    assert all(re.search(r"\d of 7\b", reason) for reason in counted), counted


def test_a_confirmation_in_the_folder_of_a_school_counts_for_no_other(trust: TenSchools) -> None:
    trust.write_trust(folders=["elm"])
    trust.write("schools/elm/90.yaml", CONFIRMED)

    def confirmed(school: str) -> bool:
        (clause,) = [row for row in policy(trust, school)["clauses"] if row["clause"] == "EML-01"]
        return any(row["outcome"] == "confirmed" and "append footer" in row["reason"] for row in clause["evidence"])

    assert (confirmed("ELM"), confirmed("OAK")) == (True, False)


@pytest.mark.parametrize("command", [("policy",), ("audit", "export", "-o", "reports")])
def test_without_a_school_the_policy_of_a_trust_is_refused(
    trust: TenSchools, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(trust.folder.parent)

    refused = trust(*command, "trust")
    unknown = trust(*command, "trust", "--school", "OKA")

    assert (refused.exit, unknown.exit) == (2, 2)
    assert "trust is a trust, and the policy is judged for each of its schools. Name a school, " in refused.err
    assert "such as `--school HQ`, or write a page on all schools with `toolkit trust report`" in refused.err
    assert unknown.err == "toolkit: --school OKA: the trust has no such school: did you mean `OAK`?\n"
    assert not Path("reports").exists()


def test_the_status_since_is_of_the_schools_own_reports(trust: TenSchools) -> None:
    first = policy(trust, "OAK")
    trust.tenant.set_now("2026-11-20T09:00:00Z")
    other, again = policy(trust, "ELM"), policy(trust, "OAK")

    since = {
        name: {row["clause"]: row["since"] for row in answer["clauses"]}
        for name, answer in (("first", first), ("other", other), ("again", again))
    }
    assert since["again"]["EML-01"] == since["first"]["EML-01"]
    assert since["other"]["EML-01"] > since["first"]["EML-01"]


@pytest.fixture
def spread(emulator: Emulator, tmp_path: Path) -> Iterator[TenSchools]:
    """A trust in which Elm has a Google customer of its own, which is another tenant of the trust."""
    trust = build_ten_schools(emulator, tmp_path, own_google=["elm"])
    trust.write("base/10-rules.yaml", RULES + "  - identity.mfa: {for: staff}\n")
    trust.write("base/policy.yaml", POLICY.replace("mail.disclaimer", "identity.mfa"))
    yield trust
    trust.close()


def test_a_school_in_two_tenants_is_judged_from_both_with_the_time_of_each(spread: TenSchools) -> None:
    spread.own_google["elm"].set_now("2026-11-10T11:30:00Z")
    spread.tenant.set_now("2026-11-10T10:00:00Z")

    answer = policy(spread, "ELM")

    (clause,) = [row for row in answer["clauses"] if row["clause"] == "EML-01"]
    times = {row["provider"]: row["who_says"] for row in clause["evidence"] if row["verdict"] != "unread"}
    assert (times["microsoft365"], times["google_workspace"]) == (
        "read from Microsoft 365 at 10:00",
        "read from Google Workspace at 11:30",
    )
    ledgers = sorted(path.parent.parent.name for path in spread.state.glob("tenants/*/emulator/ledger.db"))
    assert ledgers == ["elm", "main"]


def test_a_clause_is_never_met_while_a_tenant_of_the_school_is_unread(spread: TenSchools) -> None:
    whole = policy(spread, "ELM")
    one = policy(spread, "ELM", "--tenant", "main")
    spread.own_google["elm"].fault("refused", times=1000)
    refused = policy(spread, "ELM")

    assert of_cloud(whole, "EML-01", "google_workspace") != "not checked"
    for answer in (one, refused):
        assert answer["exit"] in {3, 4}
        assert of_cloud(answer, "EML-01", "google_workspace") == "not checked"
        assert "met" not in statuses(answer).values()
    assert "the tenant elm was not read in this run" in str(one["clauses"])


def test_a_report_for_governors_is_about_one_school(trust: TenSchools, tmp_path: Path) -> None:
    applied = trust("apply", trust.folder, "--yes", "--provider", "microsoft365", "--reach", "500")
    assert applied.exit == 0, applied.out + applied.err

    for school in ("OAK", "ELM"):
        written = trust("audit", "export", trust.folder, "--school", school, "-o", tmp_path / school)
        assert written.exit in {0, 4}, written.err

    (file,) = (tmp_path / "OAK").glob("*.json")
    report = json.loads(file.read_text())
    assert report["school"] == "Oak Primary School"
    assert not re.search("elm|ash |beech", file.read_text(), re.IGNORECASE)
    assert trust("audit", "verify", file).exit == 0


def test_the_packs_that_a_trust_cannot_have_are_refused(trust: TenSchools, tmp_path: Path) -> None:
    case = trust("audit", "export", trust.folder, "--school", "OAK", "-o", tmp_path, "--pack", "case")
    mail = trust("audit", "export", trust.folder, "--school", "OAK", "-o", tmp_path, "--mail")

    assert (case.exit, mail.exit) == (2, 2)
    assert case.err.startswith("toolkit: --pack case: the register of holds is for the whole trust")
    assert mail.err.startswith("toolkit: --mail: trust.yaml does not name mailboxes for reports")

"""Searching the mail of a case and exporting it: asked for by one person, exported by two, never twice."""

from collections.abc import Callable

import pytest

from tests.cli.test_hold import CASE, Office, signed_by
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414 - the fixture
from tests.door import GOOGLE, MICROSOFT, CommandResult
from tests.emulated import SIGN_IN, Tenant
from toolkit.ledger.entries import StepBegan
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

EDISCOVERY = """\
playbook: ediscovery
title: Searches are exported by two people
owner: Governors
clauses: [EML-14]
controls:
  - data.ediscovery:
      for: everyone
      may_ask: [School Business Manager]
      may_export: [School Business Manager, Deputy Head Teacher, Chair of Governors]
"""
QUERY = "subject:kitchen"
PURVIEW, PURVIEW_OPERATIONS = "graph.ediscoverySearches", "graph.ediscoveryOperations"
SAVED, EXPORTS, COUNTS = "google.vaultSavedQueries", "google.vaultExports", "google.vaultCounts"


@pytest.fixture
def office(keep_placed: Callable[[], Office]) -> Office:
    """Open a school in which a person of a case is on hold."""
    found = keep_placed()
    found.door.write("61-ediscovery.yaml", EDISCOVERY)
    return found


def _search(office: Office, name: str = "edwin.elmsworth", cloud: str = GOOGLE) -> CommandResult:
    return signed_by(office, name, "search", CASE, "--in", cloud, says=f"{QUERY}\n")


def _export(office: Office, name: str) -> CommandResult:
    return signed_by(office, name, "export", CASE)


def _writes(tenant: Tenant, after: int) -> list[str]:
    return [one["name"] for request in tenant.requests(after) for one in request["operations"]
            if one["write"] and request["service"] not in SIGN_IN]  # fmt: skip


def test_one_person_searches_two_export_and_a_second_run_makes_nothing(office: Office) -> None:
    early = office.hold("export", CASE)
    searched = _search(office)
    again = office.hold("search", CASE, "--in", GOOGLE, says=f"  {QUERY}\n")
    first, same = _export(office, "edwin.elmsworth"), _export(office, "edwin.elmsworth")
    assert not office.tenant.objects(EXPORTS)
    second = _export(office, "beth.birchall")
    before = office.tenant.last_request()
    third = office.hold("export", CASE)

    assert [one.exit for one in (early, searched, again)] == [2, 0, 0], searched.out + searched.err
    assert "estimate: 12 messages" in searched.out
    assert "Microsoft 365: not searched by this search" in searched.out
    assert [one.exit for one in (first, same, second, third)] == [5, 5, 0, 0], second.out + second.err
    assert "an export needs two different people" in same.err
    assert "Matters > the matter > Exports > Download" in second.out
    assert _writes(office.tenant, before) == []
    (saved,) = office.tenant.objects(SAVED).values()
    (export,) = office.tenant.objects(EXPORTS).values()
    assert export["query"] == saved["query"]
    assert export["query"]["terms"] == QUERY
    assert export["query"]["accountInfo"] == {"emails": [office.address("callum.copperfield")]}
    assert "export approved by beth.birchall" in office.hold("list").out
    _check_ledger(office)
    _check_log(office)


def _check_ledger(office: Office) -> None:
    """The ledger says who exported which query, without a case, a query or a person on hold."""
    (search,) = office.hold("list", "--json").json["cases"][0]["searches"]
    with Ledger(office.door.state / "emulator", redactor=Redactor()) as ledger:
        acts = [entry.sent for _, entry in ledger.entries() if isinstance(entry, StepBegan)]
    (act,) = [sent for sent in acts if sent and "query" in sent]
    assert act["query"] == search["hash"]
    assert act["searched"] == act["asked"] != act["approved"]
    assert act["searched_post"] == "School Business Manager"
    assert [word for word in (CASE, QUERY, "callum", "edwin") if word in str(act)] == []


def _check_log(office: Office) -> None:
    """The log shows an export and nothing else about holds."""
    (search,) = office.hold("list", "--json").json["cases"][0]["searches"]
    log = office.door("audit", "log", "--json").json
    steps = [step for run in log["runs"] for step in run["steps"]]
    shown = office.door("audit", "log", "--address", f"google_workspace.hold[{search['hash']}]")

    assert [step["address"] for step in steps] == [f"google_workspace.hold[{search['hash']}]"]
    assert search["hash"] in shown.out, shown.out + shown.err
    assert [word for word in (CASE, QUERY, "callum", "edwin") if word in str(log) + shown.out] == []


def test_whom_the_control_does_not_name_or_the_case_is_about_has_no_part(office: Office) -> None:
    assert office.place("edwin.elmsworth").exit == 0
    subject, other = _search(office, "edwin.elmsworth"), _search(office, "beth.birchall")

    assert [one.exit for one in (subject, other)] == [5, 5]
    assert "a person has no part in a case about themselves" in subject.err
    assert "`may_ask` names School Business Manager" in other.err
    assert not office.tenant.objects(SAVED)


def test_what_was_interrupted_is_finished_and_made_once_and_no_count_is_taken_for_whole(office: Office) -> None:
    office.tenant.fault("refused", "vault.operations.get", times=1)
    refused = _search(office)
    (key,) = office.tenant.objects(COUNTS)
    office.tenant.patch(COUNTS, key, done=False)
    running, early = office.hold("search", CASE, "--in", GOOGLE, says=QUERY), office.hold("export", CASE)
    missing = {"accountCountErrors": [{"errorType": "DEADLINE_EXCEEDED"}]}
    office.tenant.patch(COUNTS, key, done=True, response={"totalCount": "3", "mailCountResult": missing})
    partial = office.hold("search", CASE, "--in", GOOGLE, says=QUERY)
    assert _export(office, "edwin.elmsworth").exit == 5
    office.tenant.fault("dropped_after", "vault.matters.exports.create", times=1)
    exported = _export(office, "beth.birchall")

    assert refused.exit != 0
    assert [one.exit for one in (running, early, partial, exported)] == [3, 2, 3, 0], exported.out + exported.err
    assert "not counted yet" in running.out
    assert "at least 3 messages; 1 mailboxes could not be counted" in partial.out
    assert (len(office.tenant.objects(SAVED)), len(office.tenant.objects(EXPORTS))) == (1, 1)


def test_purview_searches_the_mailboxes_of_a_case_and_exports_what_two_people_agreed_to(office: Office) -> None:
    unsaid = office.hold("search", CASE, says=QUERY)
    searched = _search(office, cloud=MICROSOFT)
    first, second = _export(office, "edwin.elmsworth"), _export(office, "beth.birchall")
    before = office.tenant.last_request()
    third = office.hold("export", CASE)

    assert unsaid.exit == 2
    assert "say with --in which cloud to search" in unsaid.err
    assert [one.exit for one in (searched, first, second, third)] == [0, 5, 0, 0], searched.err + second.err
    assert "estimate: 12 items, and 1 that could not be searched" in searched.out
    assert "Google Workspace: not searched by this search" in searched.out
    assert "Exports > the export > Download" in second.out
    assert _writes(office.tenant, before) == []
    (saved,) = office.tenant.objects(PURVIEW).values()
    (source,) = office.tenant.objects("graph.ediscoverySearchSources").values()
    estimate, export = office.tenant.objects(PURVIEW_OPERATIONS).values()
    assert (saved["contentQuery"], saved["dataSourceScopes"]) == (QUERY, "none")
    assert (source["email"], source["includedSources"]) == (office.address("callum.copperfield"), "mailbox")
    assert estimate["search"] == export["search"] == saved["id"]
    assert (export["exportCriteria"], export["status"]) == ("searchHits, partiallyIndexed", "succeeded")
    _check_ledger(office)


def test_purview_makes_nothing_twice_and_takes_no_old_or_partial_count_for_a_whole_one(office: Office) -> None:
    tenant, path = office.tenant, "POST /security/cases/ediscoveryCases/{id}/searches"
    tenant.fault("dropped_after", path, times=1)
    tenant.fault("refused", f"{path}/{{id}}/estimateStatistics", times=1)
    refused = _search(office, cloud=MICROSOFT)
    (key,) = tenant.objects(PURVIEW)
    case, _, search = key.partition("/")
    counts = {"indexedItemCount": 3, "unindexedItemCount": 0}
    earlier = {"id": "earlier", "search": search, "action": "estimateStatistics", **counts}

    def counted(status: str) -> CommandResult:
        tenant.put(PURVIEW_OPERATIONS, f"{case}/earlier", {**earlier, "status": status})
        return office.hold("search", CASE, "--in", MICROSOFT, says=QUERY)

    running, partial = counted("running"), counted("partiallySucceeded")
    before = len(tenant.objects(PURVIEW_OPERATIONS))
    tenant.fault("stale", f"{path}/{{id}}/estimateStatistics", reads=1)
    old = counted("succeeded")
    again = office.hold("search", CASE, "--in", MICROSOFT, says=QUERY)
    assert _export(office, "edwin.elmsworth").exit == 5
    tenant.fault("dropped_after", f"{path}/{{id}}/exportResult", times=1)
    exported = _export(office, "beth.birchall")

    assert refused.exit != 0
    assert [one.exit for one in (running, partial, old, again, exported)] == [3, 3, 3, 0, 0], exported.out
    assert "not counted yet" in running.out
    assert "at least 3 items; some mailboxes could not be counted" in partial.out
    assert before == 1
    assert "estimate: 12 items" in again.out
    assert (len(tenant.objects(PURVIEW)), len(tenant.objects(PURVIEW_OPERATIONS))) == (1, 3)


def test_purview_searches_nothing_that_somebody_made_wider(office: Office) -> None:
    assert _search(office, cloud=MICROSOFT).exit == 0
    (key,) = office.tenant.objects(PURVIEW)
    office.tenant.put("graph.ediscoverySearchSources", f"{key}/other", {"id": "other", "email": "other@example.org"})
    wider = office.hold("search", CASE, "--in", MICROSOFT, says=QUERY)
    office.tenant.patch(PURVIEW, key, contentQuery="")
    changed = office.hold("search", CASE, "--in", MICROSOFT, says=QUERY)

    assert "searches 2 places, but should search 1" in wider.err, wider.err
    assert "was changed by hand" in changed.err
    assert wider.exit == changed.exit != 0
    assert len(office.tenant.objects(PURVIEW_OPERATIONS)) == 1

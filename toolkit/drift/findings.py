"""Compare a drift run with earlier runs, to find out which differences are new, when they began, why, and who made
them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from toolkit.drift.history import ChangeSearch, ChangeTraces, FindingHistory, find_authors_in_logs
from toolkit.drift.model import (
    Cause,
    Difference,
    DifferenceType,
    DriftHistory,
    EndedFinding,
    FindingNovelty,
    FindingWithHistory,
    Unchanged,
    all_differences,
    contested_setting_name,
    differences_of_change,
    find_cause,
    is_judged,
)
from toolkit.engine.context import RunContext
from toolkit.engine.refresh import TenantSurvey
from toolkit.ledger.change_history import open_findings
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.tables import FindingRow
from toolkit.planning.change import Change, Create, Update
from toolkit.planning.due_change import EDITED, NEVER
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import (
    ACCEPTED,
    ACCEPTED_LOOK_ALIKE,
    CEDED,
    CONTESTED,
    NOTED,
    NOTED_UNREAD,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
)
from toolkit.sdk.audit_log import LoggedChange
from toolkit.sdk.lending import is_temporary_setting
from toolkit.sdk.resource import Address, parse_address, without_name

_AROUND = frozenset({DifferenceType.REFUSED, DifferenceType.DEFEATED, DifferenceType.LOOK_ALIKE})
"""Differences outside the object's own settings. Their end does not show that the settings are in place."""


def compare_with_history(context: RunContext, survey: TenantSurvey, ledger: Ledger) -> tuple[DriftHistory, DriftSeen]:
    """Compare the differences with the previous drift run.

    Return the findings to report, and the record of this run for the ledger.
    """
    before = open_findings(ledger)
    differences = {difference.id: difference for difference in all_differences(survey.plan)}
    if not differences and not before:
        return DriftHistory(), DriftSeen(
            run=context.run, at=context.now, schools=survey.playbooks.slices.covered_schools
        )
    past = FindingHistory(ledger, before)
    causes = dict(_find_causes(survey, past, context.now)) if differences else {}
    sought = dict(_findings_without_author(context, survey, differences, past, causes))
    traced = find_authors_in_logs(survey, sought, context.now) if sought else ChangeTraces()
    remembered = dict(_add_history(context, survey, differences, past, causes=causes, authors=traced.authors))
    ended, unseen = _ended_findings(context, survey, differences, past)
    changed = [
        finding
        for key, finding in remembered.items()
        if finding.news or (finding.actor and (row := before.get(key)) and not row.actor)
    ]
    is_first = past.drift is None and not past.applied
    return DriftHistory(remembered, ended, traced.log_errors, is_first), DriftSeen(
        run=context.run,
        at=context.now,
        found=tuple(_to_sighting(finding, past, survey) for finding in changed),
        fixed=tuple(Fixed(finding.id, finding.how) for finding in ended),
        unseen=tuple(unseen),
        schools=survey.playbooks.slices.covered_schools,
    )


def _add_history(
    context: RunContext,
    survey: TenantSurvey,
    differences: Mapping[str, Difference],
    past: FindingHistory,
    *,
    causes: Mapping[str, Cause],
    authors: Mapping[str, LoggedChange],
) -> Iterator[tuple[str, FindingWithHistory]]:
    contested = {
        (contested_row.address, path) for contested_row in survey.plan.select(CONTESTED) for path in contested_row.paths
    }
    for key, difference in differences.items():
        row = past.find_open(key)
        disputed = (difference.address, contested_setting_name(difference.path, difference.what)) in contested
        author = authors.get(key)
        was_reported = row is not None and (row.state == FindingState.CONTESTED) == disputed
        yield (
            key,
            FindingWithHistory(
                difference=difference,
                state=FindingNovelty.CONTESTED if disputed else (FindingNovelty.ONGOING if row else FindingNovelty.NEW),
                since=datetime.fromisoformat(row.since) if row else context.now,
                cause=row.cause if row else causes.get(key, Cause.NOT_KNOWN),
                actor=author.actor if author else (past.actor(row) if row else None),
                changed=author.at if author else (datetime.fromisoformat(row.changed) if row and row.changed else None),
                news=not was_reported,
            ),
        )


def _objects_of_exceptions(plan: Plan) -> frozenset[Address]:
    """Return the objects that only exceptions in the playbooks ask for."""
    by_exception: dict[bool, set[Address]] = {True: set(), False: set()}
    for control in plan.controls:
        resources = (resource for part in control.realisation.parts for resource in part.resources)
        by_exception[bool(control.exception)] |= {
            Address(control.provider, resource.kind, resource.name) for resource in resources
        }
    return frozenset(by_exception[True] - by_exception[False])


def _find_causes(survey: TenantSurvey, past: FindingHistory, now: datetime) -> Iterator[tuple[str, Cause]]:
    due_changes = (due_change for result in survey.results for due_change in result.due_changes)
    turned = {address: due_change for due_change in due_changes for address in due_change.addresses}
    own = _objects_of_exceptions(survey.plan)
    for change in (*survey.plan.changes, *survey.plan.checked_changes):
        known_object, due_change = survey.ledger_state.known_objects.get(change.address), turned.get(change.address)
        # A blocked change has another cause too, but no one can have removed an object that never existed.
        if due_change and (not due_change.blocked or (known_object is None and isinstance(change, Create))):
            yield from ((difference.id, Cause.TIME) for difference in differences_of_change(change))
            continue
        if known_object is None and change.address in own:
            edited = past.drift is None or past.drift.began.playbooks != survey.playbooks.digest
            yield from (
                (difference.id, Cause.PLAYBOOK if edited else Cause.TIME)
                for difference in differences_of_change(change)
            )
            continue
        if known_object is None and (new_cause := past.new_request_cause(change, survey, now)):
            yield from ((difference.id, new_cause) for difference in differences_of_change(change))
            continue
        if known_object is None and is_temporary_setting(
            change.address
        ):  # no log shows whether a calendar, the date or its owner did it
            yield from ((difference.id, Cause.NOT_KNOWN) for difference in differences_of_change(change))
            continue
        same = due_change is not None and due_change.blocked not in {EDITED, NEVER}
        settings = change.fields if isinstance(change, Update) else (None,)
        for difference, setting in zip(differences_of_change(change), settings, strict=True):
            as_wanted = past.previous_run_read_everything() and difference.id not in past.before
            unchanged = Unchanged(playbooks=True, toolkit=True, date=True)
            path = setting.path if setting else None
            since = (
                unchanged
                if same
                else past.unchanged_since(change.address, survey, now, path=path, previous_run_was_complete=as_wanted)
            )
            change_cause = find_cause(change, setting, known_object, since, previous_run_was_complete=as_wanted)
            yield (
                difference.id,
                Cause.TIME if due_change and change_cause is Cause.FOLLOWED else change_cause,
            )  # the calendar makes it due


def _findings_without_author(
    context: RunContext,
    survey: TenantSurvey,
    differences: Mapping[str, Difference],
    past: FindingHistory,
    causes: Mapping[str, Cause],
) -> Iterator[tuple[str, ChangeSearch]]:
    """Yield the findings whose authors must be looked up in the tenant's log: new findings, and findings whose author
    is unknown.
    """
    observed = {
        change.address: _object_names(change) for change in (*survey.plan.changes, *survey.plan.checked_changes)
    }
    for key, difference in differences.items():
        row = past.find_open(key)
        known_cause = row.cause if row else causes.get(key, Cause.NOT_KNOWN)
        if known_cause not in {Cause.TENANT, Cause.BOTH} or (row and row.actor):
            continue
        applied = past.applied.get(difference.address)
        yield (
            key,
            ChangeSearch(
                difference.address,
                names=observed.get(difference.address, (difference.address.name,)),
                path=difference.path,
                after=applied.at if applied else None,
                last_look=past.drift.began.at if past.drift and past.previous_run_read_everything() else None,
                since=datetime.fromisoformat(row.since) if row else context.now,
            ),
        )


def _object_names(change: Change) -> tuple[str, ...]:
    there = () if isinstance(change, Create) else (change.observed.remote.id, change.observed.remote.name)
    return (change.address.name, *there)


def _ended_findings(
    context: RunContext, survey: TenantSurvey, differences: Mapping[str, Difference], past: FindingHistory
) -> tuple[list[EndedFinding], list[str]]:
    plan = survey.plan
    labels = {address: address for address in plan.desired_controls}
    ended: list[EndedFinding] = []
    unseen: list[str] = []
    for key, row in past.before.items():
        if key in differences:
            continue
        address = parse_address(row.address)
        narrowed = bool(context.only or context.provider)
        away = (
            is_temporary_setting(address)
            and address not in plan.desired_controls
            and any(result.has_acts_of_unknown_outcome for result in survey.results)
        )
        if away or not is_judged(address, plan, is_partial_run=narrowed) or _may_object_exist(row, address, survey):
            unseen.append(key)
            continue
        is_repaired = key in past.repaired and not _is_accepted_look_alike(plan, address, row)
        how = Ending.REPAIRED if is_repaired else _find_ending(plan, address, row)
        kind = survey.kinds.get(address.kind_path)
        shown = labels.get(address) or (without_name(address) if kind and kind.per_person else address)
        difference = Difference(shown, row.path, DifferenceType(row.what))
        ended.append(EndedFinding(key, difference, datetime.fromisoformat(row.since), how))
    return ended, unseen


def _may_object_exist(row: FindingRow, address: Address, survey: TenantSurvey) -> bool:
    """Return whether a finding's object may still exist, because its kind could not be read."""
    unread = {
        *survey.observed.unread_rivals,
        *(unknown.kind for unknown in survey.observed.unknown),
    } & survey.kinds.keys()
    own = survey.kinds.get(address.kind_path)
    jobs = own.jobs.names if own and row.what == DifferenceType.LOOK_ALIKE else frozenset[str]()
    return any(survey.kinds[name].jobs.names & jobs for name in unread)


def _find_ending(plan: Plan, address: Address, row: FindingRow) -> Ending:
    if any(accepted.address == address and accepted.path == row.path for accepted in plan.select(ACCEPTED)):
        return Ending.ACCEPTED
    ceded = {(ceded_row.address, path) for ceded_row in plan.select(CEDED) for path in ceded_row.paths}
    if (
        address not in plan.desired_controls
        or (address, contested_setting_name(row.path, DifferenceType(row.what))) in ceded
    ):
        return Ending.PLAYBOOK
    if _is_accepted_look_alike(plan, address, row):
        return Ending.PLAYBOOK
    if row.what in _AROUND and any(change.address == address for change in (*plan.changes, *plan.checked_changes)):
        return Ending.OTHERWISE
    return Ending.TENANT if row.cause in {Cause.TENANT, Cause.BOTH} else Ending.AS_WANTED


def _is_accepted_look_alike(plan: Plan, address: Address, row: FindingRow) -> bool:
    """Return whether a finding is about a look-alike that a playbook leaves in place."""
    if row.what != DifferenceType.LOOK_ALIKE:
        return False
    accepted = ((alike.desired.address, alike.observed.remote.name) for alike in plan.select(ACCEPTED_LOOK_ALIKE))
    remarks = plan.select(NOTED, NOTED_UNREAD, UNCERTAIN, UNCERTAIN_UNREAD)
    noted = ((remark.address, remark.by) for remark in remarks)
    in_address = f"[{row.path}]"  # a note of two objects with one job has the other's address
    return any(ours == address and (by == row.path or by.endswith(in_address)) for ours, by in (*accepted, *noted))


def _to_sighting(finding: FindingWithHistory, past: FindingHistory, survey: TenantSurvey) -> Sighting:
    who = finding.actor
    name = who and (Pseudonyms(past.ledger).create_pseudonym(who.name) if who.person else who.name)
    return Sighting(
        id=finding.difference.id,
        address=str(finding.difference.address),
        path=finding.difference.path,
        what=finding.difference.what,
        state=FindingState.CONTESTED if finding.state is FindingNovelty.CONTESTED else FindingState.OPEN,
        since=finding.since,
        cause=finding.cause,
        actor=name or None,
        person=bool(who and who.person),
        changed=finding.changed,
        schools=survey.playbooks.slices.select_covered(survey.plan.desired_schools.get(finding.difference.address, ())),
    )

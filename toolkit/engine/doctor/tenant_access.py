"""Examine the tenants: sign-in, identity of the tenant, and permission to read the kinds that the playbooks use."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from toolkit.controls.control import controls
from toolkit.controls.data import Hold
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.engine.doctor.required_permissions import compare_permissions, merge_permissions, work_out_permissions
from toolkit.engine.read_tenants import read_kind
from toolkit.engine.tenants import open_tenants
from toolkit.errors import HostNotFound, NotLicensed, Refused, RequestFailed, ServiceError, SignInRefused
from toolkit.planning.audience.reach import find_missing_accounts, missing_account_message
from toolkit.planning.audience.resolve import find_needed_groups, must_count_people
from toolkit.planning.expand import expand
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import ProtectedList, School, Tenant
from toolkit.sdk.connector import Connection, Identity, Target
from toolkit.sdk.directory import Directory
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Unreadable

SUBJECT = "protected accounts"


def compare_protected_accounts(protected: ProtectedList, directory: Directory) -> Iterator[Diagnosis]:
    """Yield the differences between the protected accounts and the members of the group that policies exclude.

    If the group was not read, nothing is compared.
    """
    group = directory.groups.get(protected.exclude_group)
    if group is None or not directory.people:
        return
    addresses = {member: directory.people[member].address for member in group.members if member in directory.people}
    expected = {address.casefold(): address for address in protected.accounts}
    member_addresses = {address.casefold() for address in addresses.values()}
    missing = sorted(address for key, address in expected.items() if key not in member_addresses)
    others = sorted(address for address in addresses.values() if address.casefold() not in expected)
    others += sorted(group.members - addresses.keys())
    if not missing and not others and not group.devices:
        sentence = f"{protected.exclude_group} has exactly the {len(expected)} protected accounts"
        yield Diagnosis(SUBJECT, DiagnosisState.OK, sentence)
        return
    wrong = [
        *(
            [f"protected accounts that are not members, so policies apply to them: {', '.join(missing)}"]
            if missing
            else []
        ),
        *(
            [f"members that are not protected accounts, so policies do not apply to them: {', '.join(others)}"]
            if others
            else []
        ),
        *([f"{group.devices} devices are members"] if group.devices else []),
    ]
    advice = (
        f"make the members of {protected.exclude_group} the same as the `accounts` under `protected` in the school file"
    )
    yield Diagnosis(SUBJECT, DiagnosisState.WRONG, f"{protected.exclude_group}: {'; '.join(wrong)}", advice)


CLOCK_TOLERANCE = 300
"""Seconds by which a clock may differ before sign-in services refuse its signatures."""


@dataclass(frozen=True, slots=True)
class _TenantNeeds:
    """The kinds of objects and the groups that the playbooks use in a tenant."""

    kinds: Mapping[str, Kind[Connection]]
    object_names: Mapping[str, frozenset[str]]  # the objects that the playbooks name, by kind
    groups: Sequence[str]
    people: bool
    holds: bool
    protected: ProtectedList


def examine_tenants(
    playbooks: Playbooks,
    target: Target,
    identities: Sequence[Identity | None],
    inaccessible_clouds: Collection[tuple[Identity | None, str]] = (),
) -> Iterator[Diagnosis]:
    """Examine the school's tenants with each identity, and yield the diagnoses.

    Nothing is written. An identity of None both reads and writes. `inaccessible_clouds` contains the clouds to which an
    identity cannot sign in yet. SignInRefused and WrongTenant end the examination. Every other refusal becomes a
    diagnosis.
    """
    used, needed = _needs_by_provider(playbooks), work_out_permissions(playbooks, tuple(Identity))
    read = dict[str, Directory]()
    for identity in identities:
        school = replace(playbooks.school, tenants=_accessible_tenants(playbooks.school, identity, inaccessible_clouds))
        signed_in = open_tenants(school, providers(), target, identity=identity or Identity.READ, read_only=True)
        try:
            with signed_in as reached:
                for name, error in reached.unreached.items():
                    yield replace(_diagnose_refusal("tenant", error, ()), section=cloud_heading(name, identity))
                for name, connection in reached.connections.items():
                    section = cloud_heading(name, identity)
                    right = f"signed in to {reached.tenants[name]}, which is {playbooks.school.name}'s"
                    yield Diagnosis("tenant", DiagnosisState.OK, right, section=section)
                    here = [needs for needs in needed if needs.provider == name]
                    own = (
                        next(needs for needs in here if needs.identity is identity)
                        if identity
                        else merge_permissions(here)
                    )
                    if target.live:
                        yield replace(_diagnose_clock(connection.clock()), section=section)
                    diagnoses, read[name] = _examine_directory(connection, used[name])
                    for diagnosis in (
                        *diagnoses,
                        *_examine_kinds(connection, used[name]),
                        *compare_permissions(
                            connection, own, live=target.live, scheduled=playbooks.school.schedule is not None
                        ),
                    ):
                        yield replace(diagnosis, section=section)
        except ServiceError as error:
            yield replace(_diagnose_refusal("tenant", error, ()), section=f"tenants, {_identity_title(identity)}")

    if read.keys() == playbooks.school.tenants.keys():
        for account in find_missing_accounts(playbooks.school.protected.accounts, read.values()):
            yield Diagnosis(SUBJECT, DiagnosisState.WRONG, missing_account_message(account), section="tenants")


def cloud_heading(cloud: str, identity: Identity | None) -> str:
    """Return the heading above the diagnoses of a cloud, for an identity."""
    return f"{providers()[cloud].title}, {_identity_title(identity)}"


def _identity_title(identity: Identity | None) -> str:
    return f"{identity} identity" if identity else "the one identity"


def _accessible_tenants(
    school: School, identity: Identity | None, inaccessible_clouds: Collection[tuple[Identity | None, str]]
) -> Mapping[str, Tenant]:
    return {name: tenant for name, tenant in school.tenants.items() if (identity, name) not in inaccessible_clouds}


def _examine_kinds(connection: Connection, needs: _TenantNeeds) -> Iterator[Diagnosis]:
    yield from (_diagnose_kind(name, kind, connection, needs.object_names[name]) for name, kind in needs.kinds.items())
    if needs.holds:
        yield _diagnose_holds(connection)


def _needs_by_provider(playbooks: Playbooks) -> Mapping[str, _TenantNeeds]:
    catalogues = cloud_catalogues(list(playbooks.school.tenants))
    holds = any(True for _ in playbooks.enabled_settings(Hold))
    named: dict[str, dict[str, set[str]]] = {name: {} for name in catalogues}
    for desired in expand(playbooks, catalogues, controls()).wanted:
        named[desired.address.provider].setdefault(desired.address.kind, set()).add(desired.address.name)
    return {
        name: _TenantNeeds(
            {kind: trade.kinds[kind] for kind in trade.kinds if kind in named[name]},
            {kind: frozenset(names) for kind, names in named[name].items()},
            find_needed_groups(playbooks, name),
            must_count_people(playbooks),
            holds,
            _leave_out_unusable_group(trade.kinds, playbooks.school.protected),
        )
        for name, trade in catalogues.items()
    }


def _leave_out_unusable_group(kinds: Mapping[str, Kind[Connection]], protected: ProtectedList) -> ProtectedList:
    """Return the protected accounts and groups.

    The group that policies exclude is left out if no kind can exclude groups.
    """
    excludes = any("excluded" in kind.spec.table() and not kind.read_only for kind in kinds.values())
    return protected if excludes else replace(protected, exclude_group="")


def _diagnose_clock(service_time: datetime | None) -> Diagnosis:
    subject = "clock"
    if service_time is None:
        return Diagnosis(subject, DiagnosisState.UNKNOWN, "the service did not send its time")
    off = (datetime.now(UTC) - service_time).total_seconds()
    if abs(off) > CLOCK_TOLERANCE:
        way = "fast" if off > 0 else "slow"
        return Diagnosis(
            subject, DiagnosisState.WRONG, f"this computer's clock is {abs(off):.0f} seconds {way}", "set the clock"
        )
    return Diagnosis(
        subject, DiagnosisState.OK, f"this computer's clock is within {CLOCK_TOLERANCE} seconds of the service's clock"
    )


def _examine_directory(connection: Connection, needs: _TenantNeeds) -> tuple[Sequence[Diagnosis], Directory]:
    excludes = needs.protected.exclude_group
    people, groups = needs.people or bool(excludes), [*needs.groups, *([excludes] if excludes else [])]
    if not people and not groups:
        return (), Directory()
    subject = "directory"
    directory = attempt(subject, lambda: connection.directory(people=people, groups=groups))
    if isinstance(directory, ServiceError):
        return (_diagnose_refusal(subject, directory, ()),), Directory()
    return (
        *_diagnose_directory(subject, directory),
        *compare_protected_accounts(needs.protected, directory),
    ), directory


def _diagnose_directory(subject: str, directory: Directory) -> Iterator[Diagnosis]:
    for part, reason in directory.unknown.items():
        permission = directory.missing.get(part, "")
        state = DiagnosisState.MISSING if part in directory.missing else DiagnosisState.UNKNOWN
        yield Diagnosis(f"{subject}: {part}", state, reason, missing=(permission,) if permission else ())
    if not directory.unknown:
        counted = f"{len(directory.people)} people, " if directory.people else ""
        yield Diagnosis(
            subject, DiagnosisState.OK, f"read {counted}{len(directory.groups)} of the groups that the roles name"
        )


def _diagnose_kind(
    subject: str, kind: Kind[Connection], connection: Connection, object_names: frozenset[str]
) -> Diagnosis:
    remotes = attempt(kind.name, lambda: read_kind(connection, kind, object_names))
    if isinstance(remotes, ServiceError):
        return _diagnose_refusal(subject, remotes, tuple(map(str, kind.permissions.read)))
    unreadable = [remote for remote in remotes if isinstance(remote, Unreadable)]
    if unreadable:
        first = unreadable[0]
        return Diagnosis(
            subject, DiagnosisState.UNKNOWN, f"{len(unreadable)} of {len(remotes)} cannot be read", first.reason
        )
    return Diagnosis(subject, DiagnosisState.OK, f"read {len(remotes)}")


def _diagnose_holds(connection: Connection) -> Diagnosis:
    """Check whether legal holds can be placed, and return the diagnosis. eDiscovery accepts an app only after an
    administrator has registered the app.
    """
    error = attempt("holds", connection.holding.check_case_access)
    if error:
        return _diagnose_refusal("holds", error, ())
    return Diagnosis(
        "holds", DiagnosisState.OK, "eDiscovery cases and Vault matters can be read, which is the first step of a hold"
    )


def _diagnose_refusal(subject: str, error: RequestFailed, needed_permissions: tuple[str, ...]) -> Diagnosis:
    """Return the diagnosis of a refused read.

    It names the permission in the error or, if the error names none, every permission that the read needs.
    """
    if isinstance(error, SignInRefused):
        return Diagnosis(subject, DiagnosisState.WRONG, str(error))
    if isinstance(error, NotLicensed):
        return Diagnosis(subject, DiagnosisState.NOTE, str(error), "toolkit neither reads nor writes it")
    if isinstance(error, HostNotFound):  # its text has advice
        return Diagnosis(subject, DiagnosisState.UNKNOWN, str(error))
    if not isinstance(error, Refused):
        return Diagnosis(subject, DiagnosisState.UNKNOWN, str(error), "run `toolkit doctor` again later")
    missing = (error.missing,) if error.missing else needed_permissions
    advice = f"reading this needs {'; '.join(needed_permissions)}" if needed_permissions else ""
    return Diagnosis(subject, DiagnosisState.MISSING, str(error), advice, missing)

"""Work out the permissions that a school's playbooks need in each tenant, for each identity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta

from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.errors import ServiceError
from toolkit.planning.needs import (
    DeclaredPermissions,
    PermissionNeed,
    find_needed_permissions,
    imagine_objects,
    permissions_to_count_deletion,
    writes_anything,
)
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection, Identity
from toolkit.sdk.dates import day
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.permission import Credential, Grants, Permission, Permissions, SetupStep, Sort, Use, leave_out_included
from toolkit.sdk.providers import check_needs, expiries, providers

HOLD, DEVICE, START = "toolkit hold", "toolkit device", "toolkit retention start"


@dataclass(frozen=True, slots=True)
class NeededPermissions:
    """The permissions that an identity needs in a tenant, and how an administrator grants them."""

    provider: str
    identity: Identity | None  # None for an identity that reads and writes
    needs: tuple[PermissionNeed, ...]
    steps: tuple[SetupStep, ...]
    command_permissions: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    """The permissions that commands need in addition to the playbooks, by command."""
    nothing_enforced: bool = False  # the playbooks give the writing identity nothing to write or send

    @property
    def permissions(self) -> tuple[Permission, ...]:
        return tuple(need.permission for need in self.needs)


def work_out_permissions(playbooks: Playbooks, identities: Sequence[Identity]) -> tuple[NeededPermissions, ...]:
    """Return the permissions that each identity needs in each tenant of the school.

    Raise PlaybookError if the playbooks are invalid.
    """
    needed_permissions: list[NeededPermissions] = []
    catalogues = cloud_catalogues(list(playbooks.school.tenants))
    imagined = {name: imagine_objects(playbooks, trade, controls()) for name, trade in catalogues.items()}
    starts = any(permissions_to_count_deletion(trade, imagined[name]) for name, trade in catalogues.items())
    for name, trade in catalogues.items():
        provider = providers()[name]
        sources = DeclaredPermissions(provider.uses(), check_needs(name), expiries(name))
        objects = imagined[name]
        for identity in identities:
            listed = find_needed_permissions(playbooks, trade, sources, objects, identity)
            playbook_permissions = [need.permission for need in listed]
            counted = permissions_to_count_deletion(trade, objects)
            commands = _permissions_by_command(counted, sources.uses, identity, starts_changes=starts)
            command_permissions = {
                command: _missing_permissions(permissions, playbook_permissions)
                for command, permissions in commands.items()
            }
            steps = provider.list_setup_steps(playbook_permissions, identity)
            writes = identity is Identity.WRITE and writes_anything(playbooks, trade, sources, objects)
            needed_permissions.append(
                NeededPermissions(
                    name,
                    identity,
                    listed,
                    tuple(steps),
                    {key: some for key, some in command_permissions.items() if some},
                    nothing_enforced=identity is Identity.WRITE and not writes,
                )
            )
    return tuple(needed_permissions)


def merge_permissions(needed_by_identity: Sequence[NeededPermissions]) -> NeededPermissions:
    """Combine the permissions of several identities for a single identity that both reads and writes."""
    reasons = {need.permission: need.reasons for identity_needs in needed_by_identity for need in identity_needs.needs}
    permissions = leave_out_included(reasons)
    commands = {
        command: some
        for identity_needs in needed_by_identity
        for command, some in identity_needs.command_permissions.items()
    }
    command_permissions = {command: _missing_permissions(some, permissions) for command, some in commands.items()}
    listed = tuple(PermissionNeed(permission, reasons.get(permission, ())) for permission in permissions)
    return NeededPermissions(needed_by_identity[0].provider, None, listed, (), command_permissions)


def _permissions_by_command(
    count_permissions: Sequence[Permission],
    uses: Mapping[Use, Permissions],
    identity: Identity,
    *,
    starts_changes: bool,
) -> Mapping[str, tuple[Permission, ...]]:
    """Return the permissions that only some commands need, by command.

    A change that deletes data sooner is started only if none of its people are on hold in any cloud. So if any cloud
    `starts_changes` of this type, the holds of every cloud must be read. `count_permissions` are needed to count the
    people whom the change reaches.
    """
    holds, lost = uses.get(Use.HOLDS, Permissions()), uses.get(Use.LOST, Permissions())
    if identity is Identity.READ:
        return {HOLD: leave_out_included(holds.read), DEVICE: leave_out_included(lost.read)}
    return {
        HOLD: leave_out_included((*holds.read, *holds.write)),
        DEVICE: leave_out_included((*lost.read, *lost.write)),
        START: leave_out_included((*count_permissions, *holds.read)) if starts_changes else (),
    }


def _missing_permissions(permissions: Sequence[Permission], available: Sequence[Permission]) -> tuple[Permission, ...]:
    parts = {part for permission in available for part in permission.instead}
    return tuple(
        permission
        for permission in permissions
        if not any(have.includes(permission) for have in available) or not parts.issuperset(permission.instead)
    )


_SHOWN = 3
SOON = timedelta(days=30)
"""The time before the end of a credential in which it is a finding."""


def compare_permissions(
    connection: Connection, needed_permissions: NeededPermissions, *, live: bool, scheduled: bool
) -> Iterator[Diagnosis]:
    """Yield diagnoses of an identity's credentials, and of permissions that are missing, not needed, too wide or not
    visible to toolkit.

    `scheduled` is whether scheduled jobs run with the credentials of this computer.
    """
    try:
        granted = read_safely("permissions", lambda: connection.read_grants(needed_permissions.permissions))
        yield from diagnose_permissions(granted, needed_permissions)
        yield from diagnose_wide_permissions(granted, needed_permissions)
        if live and scheduled:
            yield from diagnose_separate_permissions(granted, needed_permissions)
        for credential in read_safely("credentials", connection.credentials):
            yield diagnose_credential(credential, datetime.now(UTC))
            if live and credential.safer:
                yield Diagnosis(
                    credential.name,
                    DiagnosisState.WARNING,
                    "it can be copied, and there is a safer way to sign in",
                    credential.safer,
                )
    except ServiceError as error:
        yield Diagnosis("permissions", DiagnosisState.UNKNOWN, str(error), "run `toolkit doctor` again later")


def diagnose_permissions(grants: Grants, needed_permissions: NeededPermissions) -> Iterator[Diagnosis]:
    """Yield the diagnoses of permissions that are missing, not needed, or not visible to toolkit."""
    seen = [permission for permission in needed_permissions.permissions if grants.lacks(permission) is not None]
    lacking = [permission for permission in seen if grants.lacks(permission)]
    by_others = [permission for permission in lacking if permission.narrow_role or permission.instead]
    missing = [permission for permission in lacking if permission not in by_others]
    asked_for = {permission for some in needed_permissions.command_permissions.values() for permission in some}
    excess = _excess_permissions(grants, (*needed_permissions.permissions, *asked_for))
    if not missing and not excess:
        yield Diagnosis(
            "permissions",
            DiagnosisState.OK,
            _describe_granted(sum(grants.lacks(permission) is False for permission in seen), len(seen)),
        )
    if missing:
        names = tuple(str(permission) for permission in missing)
        sentence = f"needed, but not granted: {'; '.join(names)}"
        option = f" --{needed_permissions.identity}" if needed_permissions.identity else ""
        advice = f"toolkit permissions{option} shows why they are needed, and the steps to grant them"
        yield Diagnosis("permissions", DiagnosisState.MISSING, sentence, advice, missing=names)
    if excess:
        more = f" and {len(excess) - _SHOWN} more (--json lists all)" if len(excess) > _SHOWN else ""
        sentence = f"granted, but not needed by these playbooks: {'; '.join(excess[:_SHOWN])}{more}"
        yield Diagnosis(
            "permissions",
            DiagnosisState.EXCESS,
            sentence,
            "remove these permissions where they were granted",
            excess=excess,
        )
    for command, some in needed_permissions.command_permissions.items():
        ungiven = (
            permission
            for permission in some
            if not any(other.includes(permission) for other in needed_permissions.permissions)
        )
        names = tuple(str(permission) for permission in ungiven if grants.lacks(permission) is False)
        if names:
            yield Diagnosis("permissions", DiagnosisState.NOTE, f"granted only for `{command}`: {'; '.join(names)}")
    if by_others or grants.remark:
        yield Diagnosis(
            "cannot be checked",
            DiagnosisState.NOTE,
            _describe_invisible_permissions(grants, by_others, needed_permissions.identity),
        )


def diagnose_wide_permissions(grants: Grants, needed_permissions: NeededPermissions) -> Iterator[Diagnosis]:
    """Yield a diagnosis for each granted permission that opens much more than the playbooks need, such as all mail."""
    needed = {permission.name for permission in needed_permissions.permissions}
    for name, opened in grants.opens.items():
        if name not in needed:
            sentence = f"{name} opens {opened}, and toolkit never needs it"
            yield Diagnosis(
                "permissions", DiagnosisState.WRONG, sentence, f"remove {name} from the permissions of this identity"
            )


def diagnose_separate_permissions(grants: Grants, needed_permissions: NeededPermissions) -> Iterator[Diagnosis]:
    """Yield a warning for each command whose permissions the identity of the scheduled jobs has as well."""
    for command, separate in ((HOLD, "hold"), (DEVICE, "device")):
        permissions = needed_permissions.command_permissions.get(command, ())
        names = [
            str(permission)
            for permission in permissions
            if permission.sort is not Sort.ROLE and grants.lacks(permission) is False
        ]
        if names:
            cloud = needed_permissions.provider.upper().removesuffix("_WORKSPACE")
            sentence = f"`{command}` is not scheduled, but the scheduled jobs could use {'; '.join(names)}"
            advice = f"give these permissions to an identity of its own, TOOLKIT_{separate.upper()}_{cloud}_*"
            yield Diagnosis("permissions", DiagnosisState.WARNING, sentence, advice)


def _describe_granted(granted_count: int, checked_count: int) -> str:
    granted = (
        f"all {checked_count} permissions"
        if granted_count == checked_count
        else f"{granted_count} of {checked_count} permissions"
    )
    return f"{granted} that toolkit can check are granted, and no others"


def _excess_permissions(grants: Grants, needed_permissions: tuple[Permission, ...]) -> tuple[str, ...]:
    """Return the granted permissions that are not needed. A role that covers all services is compared by name only."""
    excess: dict[str, None] = {}
    for (sort, service), names in grants.has.items():
        needed_names = {
            permission.name
            for permission in needed_permissions
            if permission.sort is sort and (sort is Sort.ROLE or permission.of == service)
        }
        excess |= dict.fromkeys(
            f"{name} ({service})" if sort is Sort.APPLICATION else name for name in names - needed_names
        )
    return tuple(sorted(excess))


def _describe_invisible_permissions(
    grants: Grants, invisible_permissions: list[Permission], identity: Identity | None
) -> str:
    if not invisible_permissions:
        return grants.remark
    names = "; ".join(str(permission) for permission in invisible_permissions)
    tried = identity is Identity.READ and all(permission.instead for permission in invisible_permissions)
    test = ". Reading was tested above" if tried else ""
    return f"toolkit cannot check whether {names} is granted: {grants.remark}{test}"


def diagnose_credential(credential: Credential, now: datetime) -> Diagnosis:
    """Diagnose a credential's end date. The result is WRONG if the credential has ended or ends within SOON."""
    if credential.ends is None:
        return Diagnosis(credential.name, DiagnosisState.NOTE, credential.remark)
    left = credential.ends - now
    date = day(credential.ends)
    if left < timedelta():
        return Diagnosis(
            credential.name,
            DiagnosisState.WRONG,
            f"ended on {date}",
            "create a new credential, and set it on this computer",
        )
    sentence = f"ends on {date}, in {left.days} {'day' if left.days == 1 else 'days'}"
    if left > SOON:
        return Diagnosis(credential.name, DiagnosisState.OK, sentence)
    return Diagnosis(
        credential.name,
        DiagnosisState.WRONG,
        sentence,
        "create a new credential before that date, and set it on this computer",
    )

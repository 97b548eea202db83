"""The permissions that a school's playbooks need in each tenant, for each identity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta

from toolkit.controls.control import controls
from toolkit.engine.desired_state import trades
from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.errors import ServiceError
from toolkit.planning.needs import PermissionNeed, Sources, imagined_objects, needs, starting_needs, writes_anything
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection, Identity
from toolkit.sdk.dates import day
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.permission import Credential, Grants, Permission, Permissions, SetupStep, Sort, Use, least
from toolkit.sdk.providers import check_needs, expiries, providers

HOLD, DEVICE, START = "toolkit hold", "toolkit device", "toolkit retention start"


@dataclass(frozen=True, slots=True)
class Needed:
    """The permissions that one identity needs in one tenant, and how they are granted."""

    provider: str
    identity: Identity | None  # None for an identity that reads and writes
    needs: tuple[PermissionNeed, ...]
    steps: tuple[SetupStep, ...]
    besides: Mapping[str, tuple[Permission, ...]] = field(default_factory=dict)
    """What commands need that no playbook asks for, by the command; without what is needed anyway."""
    nothing_enforced: bool = False  # of the writing identity: the playbooks have it change and send nothing

    @property
    def permissions(self) -> tuple[Permission, ...]:
        return tuple(need.permission for need in self.needs)


def needed_by(playbooks: Playbooks, identities: Sequence[Identity]) -> tuple[Needed, ...]:
    """List it for every tenant of the school; PlaybookError as `validate` has it."""
    found: list[Needed] = []
    catalogues = trades(list(playbooks.school.tenants))
    imagined = {name: imagined_objects(playbooks, trade, controls()) for name, trade in catalogues.items()}
    starts = any(starting_needs(trade, imagined[name]) for name, trade in catalogues.items())
    for name, trade in catalogues.items():
        provider = providers()[name]
        sources = Sources(provider.uses(), check_needs(name), expiries(name))
        wanted = imagined[name]
        for identity in identities:
            listed = needs(playbooks, trade, sources, wanted, identity)
            there = [need.permission for need in listed]
            counted = starting_needs(trade, wanted)
            commands = _command_permissions(counted, sources.uses, identity, starts=starts)
            besides = {command: _lacking(asked, there) for command, asked in commands.items()}
            steps = provider.granting(there, identity)
            writes = identity is Identity.WRITE and writes_anything(playbooks, trade, sources, wanted)
            found.append(
                Needed(
                    name,
                    identity,
                    listed,
                    tuple(steps),
                    {key: some for key, some in besides.items() if some},
                    nothing_enforced=identity is Identity.WRITE and not writes,
                )
            )
    return tuple(found)


def needed_of_one(needed: Sequence[Needed]) -> Needed:
    """Return the needs of one identity that both reads and writes in one tenant."""
    reasons = {need.permission: need.reasons for one in needed for need in one.needs}
    permissions = least(reasons)
    commands = {command: some for one in needed for command, some in one.besides.items()}
    besides = {command: _lacking(some, permissions) for command, some in commands.items()}
    listed = tuple(PermissionNeed(one, reasons.get(one, ())) for one in permissions)
    return Needed(needed[0].provider, None, listed, (), besides)


def _command_permissions(
    counted: Sequence[Permission], uses: Mapping[Use, Permissions], identity: Identity, *, starts: bool
) -> Mapping[str, tuple[Permission, ...]]:
    """Yield the permissions of commands that do not use a playbook, or do more than a run.

    What keeps less is started in one cloud only if no one whom it reaches is on hold in any of them. So if it `starts`
    anywhere, the holds of every cloud are read; `counted` is what counting its reach needs in this one.
    """
    holds, lost = uses.get(Use.HOLDS, Permissions()), uses.get(Use.LOST, Permissions())
    if identity is Identity.READ:
        return {HOLD: least(holds.read), DEVICE: least(lost.read)}
    return {
        HOLD: least((*holds.read, *holds.write)),
        DEVICE: least((*lost.read, *lost.write)),
        START: least((*counted, *holds.read)) if starts else (),
    }


def _lacking(wanted: Sequence[Permission], there: Sequence[Permission]) -> tuple[Permission, ...]:
    parts = {part for one in there for part in one.instead}
    return tuple(
        one for one in wanted if not any(have.gives(one) for have in there) or not parts.issuperset(one.instead)
    )


_SHOWN = 3
SOON = timedelta(days=30)
"""How long before its end a credential is a finding."""


def compared(connection: Connection, needed: Needed) -> Iterator[Diagnosis]:
    """Yield a diagnosis of the missing, excess and invisible permissions of one identity, and of its credential."""
    try:
        granted = read_safely("permissions", lambda: connection.read_grants(needed.permissions))
        yield from differences(granted, needed)
        for credential in read_safely("credentials", connection.credentials):
            yield ending(credential, datetime.now(UTC))
    except ServiceError as error:
        yield Diagnosis("permissions", DiagnosisState.UNKNOWN, str(error), "run doctor again in a while")


def differences(granted: Grants, needed: Needed) -> Iterator[Diagnosis]:
    """Yield a diagnosis of missing, excess and invisible permissions."""
    seen = [one for one in needed.permissions if granted.lacks(one) is not None]
    lacking = [one for one in seen if granted.lacks(one)]
    by_others = [one for one in lacking if one.narrow_role or one.instead]
    missing = [one for one in lacking if one not in by_others]
    asked_for = {one for some in needed.besides.values() for one in some}
    excess = _excess(granted, (*needed.permissions, *asked_for))
    if not missing and not excess:
        yield Diagnosis(
            "permissions", DiagnosisState.OK, _all_well(sum(granted.lacks(one) is False for one in seen), len(seen))
        )
    if missing:
        names = tuple(str(one) for one in missing)
        found = f"not given, and needed: {'; '.join(names)}"
        option = f" --{needed.identity}" if needed.identity else ""
        advice = f"toolkit permissions{option} says what for, and how to give them"
        yield Diagnosis("permissions", DiagnosisState.MISSING, found, advice, missing=names)
    if excess:
        more = f" and {len(excess) - _SHOWN} more (--json names all)" if len(excess) > _SHOWN else ""
        found = f"given, and nothing in these playbooks needs them: {'; '.join(excess[:_SHOWN])}{more}"
        yield Diagnosis(
            "permissions", DiagnosisState.EXCESS, found, "take them away where they were given", excess=excess
        )
    for command, some in needed.besides.items():
        ungiven = (one for one in some if not any(there.gives(one) for there in needed.permissions))
        names = tuple(str(one) for one in ungiven if granted.lacks(one) is False)
        if names:
            yield Diagnosis("permissions", DiagnosisState.NOTE, f"given for `{command}` alone: {'; '.join(names)}")
    if by_others or granted.remark:
        yield Diagnosis("cannot be checked", DiagnosisState.NOTE, _invisible_text(granted, by_others, needed.identity))


def _all_well(has: int, seen: int) -> str:
    given = f"all {seen} that can be seen are" if has == seen else f"{has} of the {seen} needed are seen as"
    return f"{given} given, and nothing else"


def _excess(granted: Grants, needed: tuple[Permission, ...]) -> tuple[str, ...]:
    """Return granted permissions that are not needed. A role's name counts for every service."""
    found: dict[str, None] = {}
    for (sort, service), names in granted.has.items():
        wanted = {one.name for one in needed if one.sort is sort and (sort is Sort.ROLE or one.of == service)}
        found |= dict.fromkeys(f"{name} ({service})" if sort is Sort.APPLICATION else name for name in names - wanted)
    return tuple(sorted(found))


def _invisible_text(granted: Grants, by_others: list[Permission], identity: Identity | None) -> str:
    if not by_others:
        return granted.remark
    names = "; ".join(str(one) for one in by_others)
    tried = identity is Identity.READ and all(one.instead for one in by_others)
    return f"whether it has {names}: {granted.remark}{'; reading with it was tried above' if tried else ''}"


def ending(credential: Credential, now: datetime) -> Diagnosis:
    """Return the diagnosis of a credential's end date. An end within SOON is a finding."""
    if credential.ends is None:
        return Diagnosis(credential.name, DiagnosisState.NOTE, credential.remark)
    left = credential.ends - now
    date = day(credential.ends)
    if left < timedelta():
        return Diagnosis(credential.name, DiagnosisState.WRONG, f"ended on {date}", "make a new one, and name it here")
    found = f"ends on {date}, in {left.days} {'day' if left.days == 1 else 'days'}"
    if left > SOON:
        return Diagnosis(credential.name, DiagnosisState.OK, found)
    return Diagnosis(credential.name, DiagnosisState.WRONG, found, "make a new one before that, and name it here")

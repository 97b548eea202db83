"""Compares what an identity really has with what the playbooks need, and looks when its credentials end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.engine.doctor.required_permissions import Needed
from toolkit.errors import ServiceError, SignInRefused
from toolkit.sdk.connector import Connection, Identity
from toolkit.sdk.permission import Credential, Granted, Permission, Sort
from toolkit.sdk.reader import read_safely

SOON = timedelta(days=30)
"""How long before its end a credential is a finding."""


def compared(connection: Connection, needed: Needed) -> Iterator[Diagnosis]:
    """Say what one identity lacks, what it has too much, what cannot be seen of that, and what ends soon."""
    try:
        granted = read_safely("permissions", lambda: connection.granted(needed.permissions))
        yield from differences(granted, needed)
        for credential in read_safely("credentials", connection.credentials):
            yield ending(credential, datetime.now(UTC))
    except SignInRefused:
        raise
    except ServiceError as error:
        yield Diagnosis("permissions", DiagnosisState.UNKNOWN, str(error), "run doctor again in a while")


def differences(granted: Granted, needed: Needed) -> Iterator[Diagnosis]:
    """Say what is missing, what is too much, and what cannot be seen of that."""
    seen = [one for one in needed.permissions if granted.lacks(one) is not None]
    lacking = [one for one in seen if granted.lacks(one)]
    by_others = [one for one in lacking if one.narrowed or one.instead]
    missing = [one for one in lacking if one not in by_others]
    asked_for = {one for some in needed.besides.values() for one in some}
    excess = _excess(granted, (*needed.permissions, *asked_for))
    if not missing and not excess:
        yield Diagnosis("permissions", DiagnosisState.OK, _all_well(_has(granted, seen), len(seen)))
    if missing:
        names = tuple(str(one) for one in missing)
        found = f"not given, and needed: {'; '.join(names)}"
        option = f" --{needed.identity}" if needed.identity else ""
        advice = f"toolkit permissions{option} says what for, and how to give them"
        yield Diagnosis("permissions", DiagnosisState.MISSING, found, advice, missing=names)
    if excess:
        found = f"given, and nothing in these playbooks needs them: {'; '.join(excess)}"
        yield Diagnosis(
            "permissions", DiagnosisState.EXCESS, found, "take them away where they were given", excess=excess
        )
    for command, some in needed.besides.items():
        more = (one for one in some if not any(there.gives(one) for there in needed.permissions))
        names = tuple(str(one) for one in more if granted.lacks(one) is False)
        if names:
            yield Diagnosis("permissions", DiagnosisState.NOTE, f"given for `{command}` alone: {'; '.join(names)}")
    if by_others or granted.remark:
        yield Diagnosis("cannot be checked", DiagnosisState.NOTE, _unseen(granted, by_others, needed.identity))


def _all_well(has: int, seen: int) -> str:
    given = f"all {seen} that can be seen are" if has == seen else f"{has} of the {seen} needed are seen as"
    return f"{given} given, and nothing else"


def _has(granted: Granted, seen: list[Permission]) -> int:
    return sum(granted.lacks(one) is False for one in seen)


def _excess(granted: Granted, needed: tuple[Permission, ...]) -> tuple[str, ...]:
    """List what is given and is not needed by its own name; what a role is called counts for every service."""
    found: dict[str, None] = {}
    for (sort, service), names in granted.has.items():
        wanted = {one.name for one in needed if one.sort is sort and (sort is Sort.ROLE or one.of == service)}
        found |= dict.fromkeys(f"{name} ({service})" if sort is Sort.APPLICATION else name for name in names - wanted)
    return tuple(sorted(found))


def _unseen(granted: Granted, by_others: list[Permission], identity: Identity | None) -> str:
    if not by_others:
        return granted.remark
    names = "; ".join(str(one) for one in by_others)
    tried = identity is Identity.READ and all(one.instead for one in by_others)
    return f"whether it has {names}: {granted.remark}{'; reading with it was tried above' if tried else ''}"


def ending(credential: Credential, now: datetime) -> Diagnosis:
    """Say how long a credential lasts; one that ends within SOON is a finding."""
    if credential.ends is None:
        return Diagnosis(credential.name, DiagnosisState.NOTE, credential.remark)
    left = credential.ends - now
    day = f"{credential.ends.day} {credential.ends:%B %Y}"
    if left < timedelta():
        return Diagnosis(credential.name, DiagnosisState.WRONG, f"ended on {day}", "make a new one, and name it here")
    found = f"ends on {day}, in {left.days} days"
    if left > SOON:
        return Diagnosis(credential.name, DiagnosisState.OK, found)
    return Diagnosis(credential.name, DiagnosisState.WRONG, found, "make a new one before that, and name it here")

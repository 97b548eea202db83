"""Asks the tenants about what the changes of a plan refer to, before any of them is called possible."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.errors import ServiceError, SignInRefused
from toolkit.planning.change import Create, Update
from toolkit.planning.compare import without
from toolkit.planning.plan import Plan, Refusal, Unknown
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.reader import read_safely
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Desired


def without_doubted(plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]) -> Plan:
    """Take out of a plan the changes that refer to something that is not there, or of which that is not known."""
    found: list[Refusal | Unknown] = []
    for name, kind in kinds.items():
        changes = [change for change in plan.changes if change.address.of_kind == name]
        written = {c.address.name: _as_called(c) for c in changes if isinstance(c, Create | Update)}
        if written:
            found += _doubts(name, kind, connections[name.partition(".")[0]], written)
    return without(plan, found)


def _doubts(
    name: str, kind: Kind[Connection], connection: Connection, written: Mapping[str, Desired]
) -> Iterator[Refusal | Unknown]:
    try:
        found = read_safely(name, lambda: list(kind.doubts(connection, list(written.values()))))
    except SignInRefused:
        raise
    except ServiceError as error:
        for one in written.values():
            yield Unknown(name, COULD_NOT_BE_READ(text=f"what it refers to: {error}"), one.address)
        return
    for doubt in found:
        of = written[doubt.name]
        yield Refusal(of.address, doubt.reason, of.origins.get(doubt.setting, of.origin))


def _as_called(change: Create | Update) -> Desired:
    """Give what an object is to be, with the name that somebody gave it since: by that the tenant's answers know it."""
    desired = change.desired
    if isinstance(change, Create) or change.observed.remote.name == desired.address.name:
        return desired
    return replace(desired, renamed_from=change.observed.remote.name)

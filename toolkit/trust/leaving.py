"""Plan the leaving of a school: its objects, its exceptions, and everything that stays with the trust."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

from toolkit.engine.desired_state import expand_without_tenant
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean
from toolkit.playbook.entries import Acceptance, Departure, Playbooks
from toolkit.records import dataclass
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired
from toolkit.trust.model import Trust, TrustSchool
from toolkit.trust.slices import load_tenant

_STAYS = (
    ("legal holds on people of the school", "the trust, until the person who placed a hold releases it"),
    ("retention of mail, files and chat", "the trust, because it is set for the whole tenant"),
    ("the audit logs of the clouds", "the trust, for as long as its licence keeps them"),
    ("the ledger of the tenant", "the trust. Its chain cannot be divided, so the school gets an extract with the head"),
    ("mailboxes, files and accounts", "the trust, until they are moved or deleted. toolkit moves no data"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingTenant:
    """The slice of a leaving school in a tenant."""

    tenant: str
    own_objects: Sequence[str]  # objects for only this school, which stay as orphaned objects until they are pruned
    shared_objects: Sequence[str]  # objects for other schools too, out of which its groups are taken
    by_trust: int  # objects of the whole tenant, which the trust sets and keeps
    evidence: Sequence[str]  # objects that keep evidence, and stay
    other_schools: Sequence[str]  # the schools that stay in the tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePlan:
    """The objects and exceptions of a leaving school, everything that stays with the trust, and the steps in order."""

    school: str
    name: str
    tenants: Sequence[LeavingTenant]
    exceptions: Sequence[str]  # of the school, that have not ended
    stays: Sequence[tuple[str, str]]  # each record, and its keeper
    steps: Sequence[str]

    def stays_with(self) -> Iterator[Mapping[str, str]]:
        """Yield each record that stays with its keeper, for JSON."""
        yield from ({"what": what, "with": whom} for what, whom in self.stays)


def plan_leaving(trust: Trust, school: str, folder: Path) -> LeavePlan:
    """Return the plan for a school that leaves. `folder` is the trust's folder as the user names it.

    Raise UsageError for an unknown school or the trust's only school.
    """
    if school not in trust.schools:
        raise UsageError(f"{school} is not a school of the trust{did_you_mean(school, trust.schools)}")
    if len(trust.schools) == 1:
        raise UsageError(f"{school} is the trust's only school. `toolkit withdraw` stops the use of toolkit")
    leaving = trust.schools[school]
    loaded = {name: load_tenant(trust, name) for name in trust.tenants if name in leaving.tenants}
    return LeavePlan(
        school=school,
        name=leaving.name,
        tenants=[_leave_tenant(trust, name, school, playbooks) for name, playbooks in loaded.items()],
        exceptions=list(dict.fromkeys(line for tenant in loaded.values() for line in _exceptions(leaving, tenant))),
        stays=_STAYS,
        steps=list(_steps(trust, leaving, loaded, folder)),
    )


def _leave_tenant(trust: Trust, tenant: str, school: str, playbooks: Playbooks) -> LeavingTenant:
    desired = [entry for entry in expand_without_tenant(playbooks).wanted if isinstance(entry, Desired)]
    mine = [entry for entry in desired if school in entry.schools]
    return LeavingTenant(
        tenant=tenant,
        own_objects=_names(entry for entry in mine if entry.schools == (school,)),
        shared_objects=_names(entry for entry in mine if len(entry.schools) > 1),
        by_trust=sum(not entry.schools for entry in desired),
        evidence=_names(entry for entry in desired if kinds(entry.address.provider)[entry.address.kind].keeps_evidence),
        other_schools=[other.short_name for other in trust.schools_of(tenant) if other.short_name != school],
    )


def _names(entries: Iterable[Desired]) -> list[str]:
    return sorted({str(entry.address) for entry in entries})


def _exceptions(leaving: TrustSchool, playbooks: Playbooks) -> Iterator[str]:
    """Yield the exceptions in the folder of a school, each with its last day and place."""
    if leaving.folder is None:
        return
    entries: tuple[Departure | Acceptance, ...] = (*playbooks.departures, *playbooks.acceptances)
    for entry in entries:
        if Path(entry.origin.path).is_relative_to(leaving.folder):
            name = entry.name if isinstance(entry, Departure) else str(entry.address)
            yield f"{name}, until {entry.ends:%-d %B %Y} ({entry.origin})"


def _steps(trust: Trust, leaving: TrustSchool, tenants: Mapping[str, Playbooks], folder: Path) -> Iterator[str]:
    school, where = leaving.short_name, quote(str(folder))
    yield f"Ask the data protection officer of the trust, and agree the date with the new employer of {leaving.name}"
    yield f"toolkit audit export {where} --school {school} -o reports (the reports of the school)"
    for tenant in tenants:
        options = f" --tenant {tenant}" if len(trust.tenants) > 1 else ""
        yield f"toolkit audit extract {where} --school {school}{options} (its part of the ledger, with the head)"
    yield "toolkit hold list (release no hold because a school leaves: the case decides)"
    lists = {"waves": trust.waves, "people": trust.homes.by_value or trust.homes.by_address}
    named = [f"`{key}`" for key, entries in lists.items() if entries]
    also = f", and from {' and '.join(named)}" if named else ""
    others = [other for other in trust.schools.values() if other is not leaving]
    gone = sorted(leaving.tenants.difference(*(other.tenants for other in others)))
    tenants_too = f". Delete the entry of `tenants` {', '.join(gone)} too" if gone else ""
    for tenant in gone:
        yield f"toolkit withdraw {where} --tenant {tenant} -o leaving.plan (a tenant that only {school} uses)"
    yield f"Delete {school} from `schools` in {trust.origin.path}{also}{tenants_too}"
    for tenant in tenants:
        if tenant not in gone:
            options = f" --tenant {tenant}" if len(trust.tenants) > 1 else ""
            yield f"toolkit apply {where}{options} (takes its groups out of shared objects, and deletes nothing)"
            yield f"toolkit apply {where}{options} --prune (deletes objects that only {school} had)"

"""The list of trusted domains. People in a unit that may share files only with listed domains can share with these."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.policies import value_of
from connectors.google_workspace.units import Unit
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    ADDRESSES,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    FixedObjects,
    Join,
    Kind,
    Listed,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    declare,
    declare_effects,
    mapping,
    removes_entries,
    text,
    texts,
    written_entries,
)
from toolkit.values import Body

WITHOUT = "organisation without "
"""The beginning of a name. A tenant has one list, and the rest of the name is the unit that must not share with it."""
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+")
_TYPE, _LISTED = "drive_and_docs[.]external_sharing", "ALLOWLISTED_DOMAINS"


def _check_domains(value: Listed | None) -> Listed | None:
    for entry in written_entries(value):
        if not _DOMAIN.fullmatch(entry):
            raise ValueError(f"{entry!r} is not a domain. Write it in lower case, for example partner.example")
    return value


class DomainAllowlist(Spec):
    """The only list of trusted domains in a tenant. Every unit that may share only with listed domains uses it."""

    effects = declare_effects(
        {
            "trusted_domains": Effect(
                "people of domains that leave the list lose access to shared files", removes_entries, meets_outside=True
            )
        }
    )

    trusted_domains: Annotated[
        Listed | None,
        AfterValidator(_check_domains),
        Setting(ADDRESSES, wire="domains", at_least=True, join=Join.UNION),
    ] = declare("Lists trusted domains. Entries added by others stay.", ["partner.example"])


class _Allowlist(FixedObjects):
    """Reads and writes the list of trusted domains. Only the admin console can set which units use the list."""

    none_created = "a tenant has only one list of trusted domains, so there is no list named {name!r}"
    none_deleted = "the list {name!r} cannot be deleted, only changed"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote]:
        """Return the list, once for each name that playbooks use for it."""
        domains = {"domains": sorted(via.allowlist.names())}
        return [
            Remote(name, name, domains) for name in sorted(selection.names if isinstance(selection, NamedOnly) else ())
        ]

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        if "domains" in body:
            via.allowlist.change(texts(body["domains"]))


def sharing_units(via: GoogleWorkspace) -> Sequence[Unit]:
    """Return the units that may share files with listed domains, because of their own or an inherited policy.

    The last policy of a unit applies.
    """
    modes: dict[str, tuple[float, str]] = {}
    root = via.units.unit_at("/").policy_id
    for policy in via.policies.list_by_type(_TYPE):
        query = mapping(policy.get("policyQuery"))
        if query.get("group"):
            continue
        unit, order = text(query.get("orgUnit")) or root, float(str(query.get("sortOrder") or 0))
        mode = text(value_of(policy).get("externalSharingMode"))
        if mode and order >= modes.get(unit, (0.0, ""))[0]:
            modes[unit] = order, mode
    return [unit for unit in via.units.all().values() if _find_sharing_mode(via, unit, modes) == _LISTED]


def _find_sharing_mode(via: GoogleWorkspace, unit: Unit, modes_by_unit: dict[str, tuple[float, str]]) -> str:
    path_modes = [
        modes_by_unit[above.policy_id][1] for above in via.units.path_to(unit.path) if above.policy_id in modes_by_unit
    ]
    return path_modes[-1] if path_modes else "ALLOWED"


def _find_sharing_groups(via: GoogleWorkspace, closed: Unit) -> Iterator[str]:
    """Yield the groups that may share files with listed domains and that have members in a unit.

    Raise BadAnswer if the members of a group are unknown.
    """
    keys = {
        text(mapping(policy.get("policyQuery")).get("group")).removeprefix("groups/")
        for policy in via.policies.list_by_type(_TYPE)
        if text(value_of(policy).get("externalSharingMode")) == _LISTED
    }
    if not (group_keys := sorted(filter(None, keys))):
        return
    directory = via.directory(people=False, groups=[*group_keys, closed.path])
    if directory.unknown:
        raise BadAnswer(
            f"it is unknown whether a group lets {closed.path} share with the list: "
            f"{next(iter(directory.unknown.values()))}"
        )
    for key in group_keys:
        if directory.groups[key].members & directory.groups[closed.path].members:
            yield f"the group {directory.groups[key].address or directory.groups[key].name}"


def _find_sharing_doubts(
    via: GoogleWorkspace, desired: Sequence[Desired], _deleted_ids: Collection[str]
) -> Iterator[Doubt]:
    """Yield a doubt for each unit that must not share with listed domains, but can.

    The unit itself, a unit below it, or a group of its people may share with these domains.
    """
    for allowlist in desired:
        closed = via.units.unit_at(allowlist.address.name.removeprefix(WITHOUT))
        units = [unit.path for unit in sharing_units(via) if closed.holds(unit.path)]
        if sharing := [*units, *_find_sharing_groups(via, closed)]:
            yield Doubt(
                allowlist.address.name,
                "trusted_domains",
                f"{', '.join(sharing)} can share with every domain on the list. In "
                "the admin console, Apps > Google Workspace > Drive and Docs > Sharing settings, turn off sharing "
                "there first",
                only_beside_other=True,
            )


def _check_name(name: str) -> str | None:
    if name.startswith(f"{WITHOUT}/"):
        return None
    return (
        f"{name!r} does not name the unit whose people must not share with the list. Write the pupils' unit, for "
        f"example '{WITHOUT}/Pupils'. A unit that shares with the list can share with every domain on it"
    )


KIND = Kind(
    name="domain_allowlist",
    title="list of trusted domains",
    plural="lists of trusted domains",
    spec=DomainAllowlist,
    endpoint=_Allowlist(),
    reference="https://cloud.google.com/identity/docs/reference/rest/v1/allowlistedDomains",
    reach=Scale.TENANT,
    permissions=Permissions(
        read=needs("cloudidentity.allowlistedDomains.list", "cloudidentity.policies.list", "directory.orgunits.list"),
        write=needs("cloudidentity.allowlistedDomains.create"),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.domain_allowlist: organisation without /Pupils
  trusted_domains: [partner.example]
""",
    conflicts=_find_sharing_doubts,
    names=NameRules(check=_check_name, same_object=lambda _: WITHOUT),
    stops=ObjectEffects(area=EffectArea.FILES),
)

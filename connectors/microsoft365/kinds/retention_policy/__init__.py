"""Retention policies, which keep items even if a person deletes them, delete items after a period, or both."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from io import StringIO

from connectors.microsoft365.exchange.via import Exchange
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.kinds.retention_policy.endpoint import SETTLES, RetentionPolicies
from connectors.microsoft365.kinds.retention_policy.places import ALL, PLACES
from connectors.microsoft365.kinds.retention_policy.policy import RetentionPolicy, is_ours
from connectors.microsoft365.kinds.retention_policy.safety_checks import (
    ITEMS,
    JOBS,
    UNLESS,
    check_name,
    deletes,
    describe_less_kept,
    describe_weakening,
    does_same_job,
    duration_days,
    find_targets,
    jobs,
    keeps,
    keeps_longer,
    period_in_words,
)
from connectors.microsoft365.permissions import COMPLIANCE, administrator, global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import (
    AffectedPlace,
    Effect,
    EffectArea,
    Everything,
    EvidenceSemantics,
    Extent,
    Jobs,
    Kind,
    NameRules,
    ObjectEffects,
    Permission,
    Permissions,
    Remote,
    Scale,
    always,
)
from toolkit.values import Body, Settings, entries

_REPORTS: Mapping[str, str] = {"files": "getOneDriveUsageAccountCounts", "sites": "getSharePointSiteUsageSiteCounts"}
_TOTAL, _DAY, _PERIOD = "Total", "Report Date", "D7"


def count_sites(graph: Graph, place: str) -> tuple[int, str]:
    """Return the number of sites in OneDrive or SharePoint, and the date on which Microsoft counted them.

    Raise BadAnswer if the report has no number for any day, for example because the tenant is only days old.
    """
    path = f"/reports/{_REPORTS[place]}(period='{_PERIOD}')"
    rows = list(csv.DictReader(StringIO(graph.read_file(path))))
    days = [str(row.get(_DAY) or "") for row in rows if str(row.get(_TOTAL) or "").isdecimal()]
    latest = max(days, default="")
    if not latest:
        raise BadAnswer(f"GET {path}: the report does not have the number of sites for any day")
    # There is a row for every type of site, and a row for all types, which has the highest number.
    counts = [row[_TOTAL] for row in rows if row[_DAY] == latest]
    return max(int(total) for total in counts if total.isdecimal()), latest


_COLUMNS = (
    "Guid", "ExternalDirectoryObjectId", "PrimarySmtpAddress", "EmailAddresses", "RecipientTypeDetails",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox: its ids, its addresses and the id of its owner, all in lower case."""

    names: frozenset[str]
    personal: bool  # a person's mailbox, not a shared mailbox or a room


def read_mailboxes(exchange: Exchange) -> Sequence[Box]:
    """Read every mailbox, including mailboxes whose account is deleted."""
    parameters: Body = {"IncludeInactiveMailbox": True, "ResultSize": "Unlimited"}
    return [_to_box(row) for row in exchange.get("Get-Mailbox", parameters, select=_COLUMNS)]


def find_mailboxes(boxes: Sequence[Box], addresses: Iterable[str]) -> Sequence[Box]:
    """Return the mailboxes with the given addresses. Raise BadAnswer if an address has no mailbox."""
    by_name = {name: box for box in boxes for name in box.names}
    lowered = [address.lower() for address in addresses]
    if missing := [address for address in lowered if address not in by_name]:
        raise BadAnswer(
            f"Get-Mailbox: {_format_count(len(missing), 'mailbox', 'mailboxes')} of the policy cannot be found"
        )
    return [by_name[address] for address in lowered]


def _to_box(row: Body) -> Box:
    addresses = row.get("EmailAddresses")
    proxies = [str(proxy).partition(":") for proxy in addresses] if isinstance(addresses, list) else []
    smtp = [address for scheme, _, address in proxies if scheme.lower() == "smtp"]
    identifiers = (row.get("Guid"), row.get("ExternalDirectoryObjectId"), row.get("PrimarySmtpAddress"), *smtp)
    names = frozenset(str(name).lower().removeprefix(".") for name in identifiers if name)
    if not names or not row.get("RecipientTypeDetails"):
        raise BadAnswer("Get-Mailbox: the response has a mailbox without an address or type")
    return Box(names, row["RecipientTypeDetails"] == "UserMailbox")


_OF_PEOPLE = frozenset({"mail", "teams_chats"})
_OF_GROUPS = frozenset({"groups", "teams_channels"})
_UNIFIED = "Unified"


def measure_extent(via: Microsoft365, before: Settings | None, after: Settings | None) -> Extent:
    """Return the number of mailboxes, sites and groups that a policy covers before or after a change.

    Both counts matter, because items that the policy no longer covers are no longer kept. The owners of mailboxes and
    chats are known. Files, sites and groups in a list may belong to anyone.
    """
    sides = [settings for settings in (before, after) if settings is not None]
    tenant = _Tenant(via)
    places = [place for place in PLACES if any(settings.get(place) for settings in sides)]
    return Extent(
        counts=tuple(_describe_count(tenant, place, sides) for place in places),
        effects=tuple(_describe_effects(tenant, before, after, places)),
        places=tuple(
            _to_affected_place(tenant, place, settings) for place in places for settings in sides if settings.get(place)
        ),
    )


def extent_permissions(settings: Settings) -> tuple[Permission, ...]:
    """Return the permissions that are needed to count the mailboxes, sites and groups of a policy.

    A policy with lists needs the permissions too, because a change may extend it from a list to everyone.
    """
    places = {place for place in PLACES if settings.get(place)}
    mailboxes = global_reader("View-Only Recipients") if places & _OF_PEOPLE else ()
    groups = (graph("GroupMember.Read.All"),) if places & _OF_GROUPS else ()
    sites = (graph("Reports.Read.All"),) if places - _OF_PEOPLE - _OF_GROUPS else ()
    return (*mailboxes, *groups, *sites)


class _Tenant:
    """Counts of the tenant's mailboxes and groups. Each list is read when it is first needed."""

    def __init__(self, via: Microsoft365) -> None:
        self.via = via

    @cached_property
    def boxes(self) -> Sequence[Box]:
        return read_mailboxes(self.via.exchange)

    @cached_property
    def groups(self) -> int:
        rows = self.via.graph.pages("/groups", select="id,groupTypes", top="999")
        return sum(_UNIFIED in _to_sequence(row.get("groupTypes")) for row in rows)

    @cached_property
    def policies(self) -> Sequence[tuple[str, Settings]]:
        """Return the name and the settings of each retention policy that toolkit can read.

        No one can rely on another policy.
        """
        remotes = RetentionPolicies().read(self.via, Everything())
        return [
            (remote.name, RetentionPolicy.observed(remote.body)) for remote in remotes if isinstance(remote, Remote)
        ]

    def other_policies(self, own: Settings | None) -> Sequence[tuple[str, Settings]]:
        """Return the retention policies other than the policy with these settings."""
        same = next((place for place, (_, settings) in enumerate(self.policies) if settings == own), None)
        return [policy for place, policy in enumerate(self.policies) if place != same]


def _to_affected_place(tenant: _Tenant, place: str, settings: Settings) -> AffectedPlace:
    named, spared = entries(settings.get(place)), entries(settings.get(f"{place}_except"))
    if place in _OF_PEOPLE:
        return AffectedPlace(
            everybody=ALL in named,
            accounts=frozenset() if ALL in named else _list_mailbox_names(find_mailboxes(tenant.boxes, named)),
            excluded_accounts=_list_mailbox_names(find_mailboxes(tenant.boxes, spared)),
            all_accounts=_list_mailbox_names(tenant.boxes) if ALL in named else frozenset(),
        )
    return AffectedPlace(everybody=True, certain=ALL in named and not spared, sites=True)


def _list_mailbox_names(boxes: Sequence[Box]) -> frozenset[str]:
    return frozenset(name for box in boxes for name in box.names)


def _describe_count(tenant: _Tenant, place: str, before_and_after: Sequence[Settings]) -> str:
    everything = any(ALL in entries(settings.get(place)) for settings in before_and_after)
    named = len({name for settings in before_and_after for name in entries(settings.get(place))})
    spares = any(settings.get(f"{place}_except") for settings in before_and_after)
    exceptions = ", without the exceptions" if spares else ""
    return f"{_describe_count_at(tenant, place, everything=everything, named=named)}{exceptions}"


def _describe_count_at(tenant: _Tenant, place: str, *, everything: bool, named: int) -> str:
    match place:
        case "mail":
            return _format_count(len(tenant.boxes) if everything else named, "mailbox", "mailboxes")
        case "teams_chats":
            people = sum(box.personal for box in tenant.boxes) if everything else named
            return f"the chats of {_format_count(people, 'person', 'people')}"
        case "files" | "sites":
            noun = "OneDrive site" if place == "files" else "SharePoint site"
            if not everything:
                return _format_count(named, noun)
            count, day = count_sites(tenant.via.graph, place)
            return f"{_format_count(count, noun)}, as of {day}"
        case "groups":
            return _format_count(tenant.groups if everything else named, "Microsoft 365 group")
        case _:
            number = _format_count(tenant.groups if everything else named, "team")
            return f"the channels of {number}{', at most' if everything else ''}"


def _format_count(count: int, singular: str, plural: str = "") -> str:
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def _describe_effects(
    tenant: _Tenant, before: Settings | None, after: Settings | None, places: Sequence[str]
) -> Iterator[str]:
    if after and deletes(after):
        yield from (_describe_deletion(tenant, place, before, after) for place in places if after.get(place))
    if describe_less_kept(before, after):
        only = f"kept only for {period_in_words(after)}, and only in its locations" if after and keeps(after) else ""
        kept = only or "no longer kept"
        yield (
            f"items that people delete or have deleted are {kept}. Other items that the policy kept are permanently "
            "lost"
        )
    if after and after.get("locked"):
        yield "Preservation Lock is turned on, and no one can ever turn it off"
    if _OF_GROUPS & set(places):
        yield "toolkit does not check the mailboxes of groups for holds. Check them in the Purview portal first"


def _describe_deletion(tenant: _Tenant, place: str, before: Settings | None, after: Settings) -> str:
    """Describe the items that a policy deletes in a location. Name a policy that keeps them longer, if there is one."""
    items, days = ITEMS[place], period_in_words(after)
    keepers = [(name, other) for name, other in tenant.other_policies(before) if keeps_longer(other, after, place)]
    if keepers:
        name, longest = max(keepers, key=lambda keeper: duration_days(keeper[1]))
        return f"the policy does not delete {items} yet, because {name!r} keeps it for {period_in_words(longest)}"
    where = _describe_count(tenant, place, [after])
    return f"the policy permanently deletes {items} older than {days}, including existing ones, in {where}, {UNLESS}"


def _to_sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


KIND = Kind(
    name="retention_policy",
    title="retention policy",
    plural="retention policies",
    spec=RetentionPolicy,
    endpoint=RetentionPolicies(),
    reference="https://learn.microsoft.com/powershell/module/exchangepowershell/new-retentioncompliancepolicy",
    permissions=Permissions(
        read=global_reader("View-Only Retention Management", service=COMPLIANCE),
        write=administrator(COMPLIANCE, "Retention Management"),
    ),
    settles=SETTLES,
    sample="""\
- microsoft365.retention_policy: Governors' mail
  mail: [head@example-primary.example]
  keep_days: unlimited
""",
    reach=Scale.MAILBOX,
    targets=find_targets,
    is_ours=is_ours,
    jobs=Jobs(names=JOBS, of=jobs, same=does_same_job),
    names=NameRules(
        check=check_name, mark="managed_by", not_looked_for="policies that publish or apply retention labels"
    ),
    evidence=EvidenceSemantics(
        weaker=describe_weakening,
        weakened_by="`toolkit retention start REF`",
        extent=measure_extent,
        extent_needs=extent_permissions,
    ),
    stops=ObjectEffects(
        area=EffectArea.FILES,
        deleted=Effect("items are no longer kept", always, only_if={"action": ("keep", "keep_and_delete")}),
        acts=lambda settings: settings.get("enabled") is not False,
    ),
)

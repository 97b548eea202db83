"""Device configurations: one collection for every platform, told apart by their types in Graph."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES, assignments, conflicts
from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.audience import Audience, SharedReach
from connectors.microsoft365.intune.client import Groups, Via
from connectors.microsoft365.intune.compliance import COLLECTION, EXPAND
from connectors.microsoft365.intune.policies import IntunePolicies
from connectors.microsoft365.intune.policy import Policy, check_name, is_ours, properties
from connectors.microsoft365.intune.setting_keys import is_number, is_set, of_property
from connectors.microsoft365.permissions import INTUNE_POLICIES
from toolkit.errors import BadAnswer
from toolkit.sdk.kind import Doubt, Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired, Remote
from toolkit.sdk.spec import Join
from toolkit.values import Body, Json, Settings, effective

# What a compliance policy calls otherwise than a configuration.
_CALLED = {"passwordMinutesOfInactivityBeforeScreenTimeout": "passwordMinutesOfInactivityBeforeLock"}
_GENERAL = re.compile(r"General(Device)?Configuration$")


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """A number that a configuration asks for."""

    setting: str
    wire: str  # the property of Graph
    value: int
    join: Join  # which of two numbers is the stricter


def strictest(join: Join, numbers: Iterable[int]) -> int:
    """Return which of several numbers counts; of those of which neither end is the stricter, the highest."""
    return min(numbers) if join is Join.LOWEST else max(numbers)


def is_weaker(join: Join, number: int, asked: int) -> bool:
    """Return whether a number asks for less than another."""
    if join is Join.EQUAL:
        return number != asked
    return number != asked and strictest(join, (number, asked)) == asked


def weaker_compliance(
    via: Via, type_name: str, asked: Sequence[AskedNumber], audience: Audience
) -> Iterator[tuple[AskedNumber, str]]:
    """Give each number of which devices are asked less, with the reason; what only may reach them counts last."""
    reached = list(_reaching(via, _GENERAL.sub("CompliancePolicy", type_name), audience)) if asked else []
    for one in asked:
        name = _CALLED.get(one.wire, one.wire)
        asking = [(row, common) for row, common in reached if is_number(row.get(name))]
        certain = [(row, common) for row, common in asking if not all(shared.maybe for shared in common)]
        whom_of = {row_name(row): _words(common, via.intune.groups) for row, common in certain or asking}
        values = {row_name(row): row.get(name) for row, _ in certain or asking}
        found = {called: value for called, value in values.items() if is_number(value)}
        if found and is_weaker(one.join, counts := strictest(one.join, found.values()), one.value):
            names = ", ".join(f'"{name}"' for name, value in sorted(found.items()) if value == counts)
            whom = ", ".join(dict.fromkeys(whom_of[called] for called, value in found.items() if value == counts))
            reason = (
                f"compliance policy {names} has {one.setting} {counts} for {whom}, and a compliance policy goes before "
                f"a configuration, which asks for {one.value}: ask for {one.value} there too"
            )
            yield one, reason


def _reaching(via: Via, compliance_type: str, audience: Audience) -> Iterator[tuple[Body, Sequence[SharedReach]]]:
    for row in via.intune.all(COLLECTION, expand=EXPAND):
        if row.get("@odata.type") != f"#microsoft.graph.{compliance_type}":
            continue
        targets = targets_of(row)
        if targets is None:
            raise BadAnswer(f"{row_name(row)}: its assignments were not shown with their filters")
        if common := audience.common(Audience.of_targets(targets), via.intune.groups):
            yield row, common


def _words(common: Sequence[SharedReach], groups: Groups) -> str:
    return ", ".join(shared.words(groups) for shared in common)


def row_name(row: Body) -> str:
    """Return what a policy is called."""
    return str(row.get("displayName") or row.get("id"))


CONFIGURATIONS = "/deviceManagement/deviceConfigurations"
IN_BETA = f"/beta{CONFIGURATIONS}"
"""The collection for types that v1.0 does not know, or not whole."""


def _as_it_is(body: Body, before: Body) -> Body:  # noqa: ARG001 - for types whose lists keep others' entries
    return body


@dataclass(frozen=True, slots=True)
class Configurations(IntunePolicies):
    """The configurations of one type; `whole` completes what is to be written by what is there."""

    whole: Callable[[Body, Body], Body] = _as_it_is

    def made(self, name: str, body: Body) -> Body:  # noqa: ARG002 - IntunePolicies'
        return self.whole(properties(body), {})

    def change(self, via: Via, now: Remote, called: Body, body: Body) -> None:
        self.patch(via, now, {**called, **self.whole(properties(body), now.body)})


def settings_of_kinds() -> Mapping[str, frozenset[str]]:
    """Return the keys of every setting of a configuration, by names as windows_configuration.password_required."""
    found: dict[str, frozenset[str]] = {}
    for kind in kinds("microsoft365").values():
        endpoint: object = kind.endpoint
        if isinstance(endpoint, Configurations) and issubclass(kind.spec, Policy):
            for name, setting in kind.spec.table().items():
                if name not in kind.spec.beside:
                    found[f"{kind.name}.{name}"] = of_property(endpoint.type_name, setting.wire)
    return found


def conflicts_of(
    spec: type[Policy], endpoint: Configurations
) -> Callable[[Via, Sequence[Desired], Collection[str]], Iterator[Doubt]]:
    """Make what finds the policies that are in the way of a kind of configurations."""
    table = spec.table()

    def written(desired: Desired) -> Mapping[str, Json]:
        named = {name: value for name, value in desired.settings.items() if name not in spec.beside}
        found = {name: table[name].form.write(effective(value, None)) for name, value in named.items()}
        return {name: value for name, value in found.items() if is_set(value)}

    def claims(desired: Desired) -> Mapping[str, frozenset[str]]:
        return {name: of_property(endpoint.type_name, table[name].wire) for name in written(desired)}

    def numbers(desired: Desired) -> Mapping[str, int]:
        return {name: value for name, value in written(desired).items() if is_number(value)}

    def shows(row: Body) -> Settings:
        return {name: table[name].form.read(row.get(table[name].wire)) for name in table if name not in spec.beside}

    own = conflicts.Own(
        endpoint.collection,
        endpoint.odata_type,
        claims,
        shows=shows,
        numbers=numbers,
        on_computers=endpoint.type_name.startswith("windows"),
    )

    def asked(desired: Desired) -> list[AskedNumber]:
        found = numbers(desired).items()
        return [AskedNumber(name, table[name].wire, value, table[name].join) for name, value in found]

    def found(via: Via, desired: Sequence[Desired], going: Collection[str]) -> Iterator[Doubt]:
        yield from conflicts.conflicts(via, desired, going, own)
        for one, audience in conflicts.audiences(via, desired, own):
            for number, why in weaker_compliance(via, endpoint.type_name, asked(one), audience):
                yield Doubt(one.address.name, number.setting, why, maybe=True)

    return found


def configuration_kind(
    name: str,
    *,
    title: str,
    spec: type[Policy],
    endpoint: Configurations,
    sample: str,
    permissions: Permissions = INTUNE_POLICIES,
    doubts: Callable[[Via, Sequence[Desired]], Iterable[Doubt]] = assignments.doubts,
) -> Kind[Via]:
    """Make the kind of a platform's configurations."""
    page = f"https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-{endpoint.type_name.lower()}"
    return Kind(
        name=name,
        title=title,
        plural="configurations",
        spec=spec,
        endpoint=endpoint,
        reference=f"{page}?view=graph-rest-beta" if endpoint.collection == IN_BETA else page,
        permissions=permissions,
        settles=SETTLES,
        logged=INTUNE,
        sample=sample,
        reaches=assignments.reaches,
        nesting=assignments.NESTING,
        is_ours=is_ours,
        doubts=doubts,
        conflicts=conflicts_of(spec, endpoint),
        names=NameRules(check=check_name),
    )

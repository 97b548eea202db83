"""Device configurations: one collection for every platform, told apart by their types in Graph."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES, assignments, conflicts
from connectors.microsoft365.intune.client import ASSIGNMENTS, Via
from connectors.microsoft365.intune.compliance_first import AskedNumber, weaker_compliance
from connectors.microsoft365.intune.ownership_marker import check_name, described, is_marked, is_ours
from connectors.microsoft365.intune.policy import Policy, beside, properties
from connectors.microsoft365.intune.reading import again, seen
from connectors.microsoft365.intune.setting_keys import is_number, is_set, of_property
from connectors.microsoft365.permissions import INTUNE_POLICIES
from toolkit.errors import BadAnswer
from toolkit.sdk.endpoint import Everything, NamedOnly, Wanted
from toolkit.sdk.kind import Doubt, Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired, Remote, Unreadable
from toolkit.values import Body, Json, Settings, effective

COLLECTION = "/deviceManagement/deviceConfigurations"
IN_BETA = f"/beta{COLLECTION}"
"""The collection for types that v1.0 does not know, or not whole."""

PERMISSIONS = INTUNE_POLICIES
_TYPE = "@odata.type"


def _as_it_is(body: Body, before: Body) -> Body:  # noqa: ARG001 - for types whose lists keep others' entries
    return body


@dataclass(frozen=True, slots=True)
class Configurations:
    """The configurations of one type; `whole` completes what is to be written by what is there."""

    type_name: str
    collection: str = COLLECTION
    whole: Callable[[Body, Body], Body] = _as_it_is

    @property
    def odata_type(self) -> str:
        return f"#microsoft.graph.{self.type_name}"

    def read(self, via: Via, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read them from the list that all types share."""
        found = list(seen(via, self.rows(via), called="displayName"))
        match wanted:
            case Everything():
                return found
            case NamedOnly(names):
                return [one for one in found if one.name in names]

    def rows(self, via: Via) -> Sequence[Body]:
        """List them as the service shows them."""
        return [row for row in via.intune.all(self.collection) if row.get(_TYPE) == self.odata_type]

    def create(self, via: Via, name: str, body: Body) -> None:
        """Make a configuration, and assign it in a second call: Graph takes no assignments with a new one."""
        settings = beside(body)
        targets = assignments.assignments([], settings, via.intune.groups.named)
        wire = {
            _TYPE: self.odata_type,
            "displayName": name,
            **described({}, settings),
            **self.whole(properties(body), {}),
        }

        def is_it(row: Body) -> bool:
            return row.get(_TYPE) == self.odata_type and row.get("displayName") == name and is_marked(row)

        made = via.intune.create(self.collection, wire, is_it)
        if not made.get("id"):
            raise BadAnswer(f"POST {self.collection}: the answer does not say which configuration was made")
        if targets:
            via.intune.assign(self.collection, str(made["id"]), targets)

    def update(self, via: Via, remote: Remote, name: str, body: Body) -> None:
        """Change properties and assignments, each in the call that it needs; nothing else is sent."""
        settings = beside(body)
        assigns = bool({*assignments.SETTINGS} & settings.keys())
        now = again(via, self.collection, remote, expand=ASSIGNMENTS) if assigns else remote.body
        targets = assignments.assignments(assignments.targets_of(now) or [], settings, via.intune.groups.named)
        renamed = {"displayName": name} if name != remote.name else {}
        changed = {**renamed, **described(remote.body, settings), **self.whole(properties(body), remote.body)}
        if changed:
            via.intune.patch(self.collection, remote.id, {_TYPE: self.odata_type, **changed})
        if assigns:
            via.intune.assign(self.collection, remote.id, targets)

    def delete(self, via: Via, remote: Remote) -> None:
        via.intune.delete(self.collection, remote.id)


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
    permissions: Permissions = PERMISSIONS,
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
        is_ours=is_ours,
        doubts=doubts,
        conflicts=conflicts_of(spec, endpoint),
        names=NameRules(check=check_name),
    )

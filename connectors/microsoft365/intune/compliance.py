"""Compliance policies: one collection for every platform, made with a block action, changed and assigned apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from connectors.microsoft365.intune import assignments, scheduled
from connectors.microsoft365.intune.client import Via
from connectors.microsoft365.intune.ownership_marker import described, is_marked
from connectors.microsoft365.intune.policy import Policy, beside, properties
from connectors.microsoft365.intune.properties import POLICY
from connectors.microsoft365.intune.reading import again, seen
from connectors.microsoft365.permissions import INTUNE_POLICIES
from toolkit.errors import BadAnswer
from toolkit.sdk.endpoint import Everything, NamedOnly, Wanted
from toolkit.sdk.properties import Properties, UnknownProperty
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Body, Settings, Value

COLLECTION = "/deviceManagement/deviceCompliancePolicies"
BETA = f"/beta{COLLECTION}"
EXPAND = f"assignments,{scheduled.RULES}($expand=scheduledActionConfigurations)"
PERMISSIONS = INTUNE_POLICIES
_TYPE = "@odata.type"
# What Intune shows of a setting that nobody set.
_UNSET: frozenset[Value] = frozenset(
    {None, False, "deviceDefault", "unavailable", "notSet", "basic", "notConfigured", "none"}
)


class CompliancePolicy(scheduled.Scheduled, Policy):
    """What every compliance policy has, whatever its platform."""

    beside: ClassVar[frozenset[str]] = Policy.beside | frozenset(scheduled.Scheduled.table())
    properties: ClassVar[Properties] = POLICY.extended(compared=scheduled.COMPARED, ignored=scheduled.IGNORED)

    @classmethod
    def shown(cls, row: Body) -> Body:
        """Give what happens to a device that does not comply too."""
        return {**super().shown(row), **scheduled.shown_actions(scheduled.actions_of(row) or [])}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List what is not compared, and the actions that no setting shows."""
        return [*super().unknown(body), *scheduled.unread_actions(scheduled.actions_of(body) or [])]


@dataclass(frozen=True, slots=True)
class CompliancePolicies:
    """The policies of one platform, by their type in Graph.

    A policy is written in v1.0, or in beta where v1.0 does not know its type or a property that is to be written.
    """

    type_name: str
    collection: str = COLLECTION
    beta_names: frozenset[str] = frozenset()  # properties that only beta knows

    @property
    def odata_type(self) -> str:
        return f"#microsoft.graph.{self.type_name}"

    def read(self, via: Via, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read them from the list that all platforms share; raises where the groups they are for cannot be read."""
        every = via.intune.all(self.collection, expand=EXPAND)
        rows = [row for row in every if row.get(_TYPE) == self.odata_type]
        _know_groups(via, rows)
        found = list(seen(via, rows, called="displayName", hidden=_hidden))
        match wanted:
            case Everything():
                return found
            case NamedOnly(names):
                return [one for one in found if one.name in names]

    def create(self, via: Via, name: str, body: Body) -> None:
        """Make a policy, and assign it in a second call: Graph takes no assignments with a new one."""
        settings = beside(body)
        targets = assignments.assignments([], settings, via.intune.groups.named)
        wire: Body = {
            _TYPE: self.odata_type,
            "displayName": name,
            **described({}, settings),
            **properties(body),
            scheduled.RULES: scheduled.rules([], settings),
        }

        def is_it(row: Body) -> bool:
            return row.get(_TYPE) == self.odata_type and row.get("displayName") == name and is_marked(row)

        made = via.intune.create(self._place_of(wire), wire, is_it)
        if not made.get("id"):
            raise BadAnswer(f"POST {self.collection}: the answer does not say which policy was made")
        if targets:
            via.intune.assign(self.collection, str(made["id"]), targets)

    def update(self, via: Via, remote: Remote, name: str, body: Body) -> None:
        """Change properties, actions and assignments, each in the call that it needs; nothing else is sent."""
        settings = beside(body)
        acts, assigns = (bool({*names} & settings.keys()) for names in (scheduled.SETTINGS, assignments.SETTINGS))
        whole = acts or assigns
        now = again(via, self.collection, remote, expand=EXPAND, hidden=_hidden) if whole else remote.body
        targets = assignments.assignments(assignments.targets_of(now) or [], settings, via.intune.groups.named)
        renamed = {"displayName": name} if name != remote.name else {}
        changed = {**renamed, **described(remote.body, settings), **properties(body)}
        if changed:
            via.intune.patch(self._place_of(changed), remote.id, {_TYPE: self.odata_type, **changed})
        if acts:
            rules = scheduled.rules(scheduled.actions_of(now) or [], settings)
            via.intune.act(self.collection, remote.id, scheduled.REPLACE, {scheduled.PARAMETER: rules})
        if assigns:
            via.intune.assign(self.collection, remote.id, targets)

    def delete(self, via: Via, remote: Remote) -> None:
        via.intune.delete(self.collection, remote.id)

    def _place_of(self, properties: Body) -> str:
        """Return where properties are written."""
        return BETA if self.beta_names & properties.keys() else self.collection


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Say whether a policy of others is for just the same groups and judges all that ours does.

    Policies add up and the strictest counts, so any other is no trouble beside ours.
    """
    if not desired.get("assigned_to") or any(observed.get(name) != desired.get(name) for name in assignments.SETTINGS):
        return False
    asked = [name for name, value in desired.items() if name not in CompliancePolicy.beside and value not in _UNSET]
    return bool(asked) and all(observed.get(name) not in _UNSET for name in asked)


def _know_groups(via: Via, rows: Sequence[Body]) -> None:
    """Read groups where a policy is for one: while nobody knows for whom, another's may do the job of a new one."""
    for row in rows:
        for group in assignments.groups_in(assignments.targets_of(row) or []):
            via.intune.groups.name_of(group)


def _hidden(row: Body) -> str:
    """Say that the actions of a policy were not shown; nothing where they were."""
    return "" if scheduled.actions_of(row) is not None else "what happens to a device that fails it was not shown"

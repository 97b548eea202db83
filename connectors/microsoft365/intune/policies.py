"""Reads and changes Intune policies, and creates them with their assignments."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune.assignments import (
    NESTING,
    SETTINGS,
    assignments,
    doubts,
    group_ids_in,
    reaches,
    targets_of,
)
from connectors.microsoft365.intune.client import ASSIGNMENTS, SETTLES, Via
from connectors.microsoft365.intune.effects import POLICY_EFFECTS
from connectors.microsoft365.intune.policy import (
    check_name,
    extra_settings,
    is_ours,
    mark_of,
    properties,
    to_description,
    with_names,
)
from connectors.microsoft365.permissions import INTUNE_POLICIES
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected
from toolkit.records import dataclass
from toolkit.sdk import Kind, NameRules, OtherObject, ReadScope, Remote, Scale, Unreadable, kinds, text
from toolkit.values import Body

_TYPE = "@odata.type"


def intune_policy_kind(endpoint: "IntunePolicies", **declared: Any) -> Kind[Via]:
    """Return a kind of Intune policies. They are assigned to groups, and toolkit marks the policies that it creates."""
    common: dict[str, Any] = {
        "permissions": INTUNE_POLICIES,
        "settles": SETTLES,
        "logged": INTUNE,
        "reach": Scale.GROUP,
        "targets": reaches,
        "nesting": NESTING,
        "is_ours": is_ours,
        "doubts": doubts,
        "names": NameRules(check=check_name),
        "stops": POLICY_EFFECTS,
    }
    return Kind(endpoint=endpoint, **{**common, **declared})


@dataclass(frozen=True, slots=True)
class IntunePolicies:
    """The policies in a collection, or only the policies of a type in it. A subclass adds the features of its kind.

    Graph does not accept a new policy together with its assignments, so the assignments are sent in a second request.
    """

    collection: str
    type_name: str = ""
    name_property: ClassVar[str] = "displayName"  # the property for the name of a policy
    expand: ClassVar[str] = ASSIGNMENTS
    settings_sent_together: ClassVar[frozenset[str]] = frozenset()  # settings that are always sent together

    @property
    def odata_type(self) -> str:
        return f"#microsoft.graph.{self.type_name}"

    def read(self, via: Via, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Return the policies, from a list that is read once for all types in the collection."""
        return selection.select_from(self._to_remotes(via, self.rows(via)))

    def read_by_id(self, via: Via, identifier: str, name: str) -> Remote | Unreadable:
        """Return the policy with an id. Forget the cached list if it may lack the policy.

        Raise NotFound if the policy is deleted or belongs to another kind now.
        """
        row = via.intune.get(self.collection, identifier, expand=self.expand)
        if not self.holds(row):
            raise NotFound(f"GET {self.collection}: {name!r} is another kind of policy now")
        via.intune.drop_list(self.collection)
        (policy,) = self._to_remotes(via, [row])
        return policy

    def rows(self, via: Via) -> Sequence[Body]:
        return [row for row in via.intune.all(self.collection, expand=self.expand) if self.holds(row)]

    def holds(self, row: Body) -> bool:
        """Return whether a row of the collection is a policy of this kind."""
        return row.get(_TYPE) == self.odata_type

    def describe_missing_parts(self, row: Body) -> str:  # noqa: ARG002 - for kinds that have more than properties
        """Return a message about the parts of a policy that Intune did not return, or "".

        Assignments are checked elsewhere.
        """
        return ""

    def needs_whole_object(self, settings: Body) -> bool:
        """Return whether a change of these settings must send a whole object."""
        return not self.settings_sent_together.isdisjoint(settings)

    def create(self, via: Via, name: str, body: Body) -> None:
        """Create a policy and assign it."""
        settings = extra_settings(body)
        targets = assignments([], settings, via.intune.groups.find_id)
        wire = {
            **self._to_type_property(),
            self.name_property: name,
            **to_description({}, settings),
            **self.new_body(name, body),
        }
        mark = mark_of(wire)

        def is_it(row: Body) -> bool:
            has_type = not self.type_name or row.get(_TYPE) == self.odata_type
            return has_type and row.get(self.name_property) == name and mark_of(row) == mark

        created = via.intune.create(self.write_path(wire), wire, is_it)
        if not created.get("id"):
            raise BadAnswer(f"POST {self.collection}: the response does not contain the new policy's id")
        if targets:
            via.intune.assign(self.collection, str(created["id"]), targets)

    def update(self, via: Via, remote: Remote, name: str, body: Body) -> None:
        """Send the changed properties of a policy in one request, and its changed assignments in another."""
        settings = extra_settings(body)
        assigns = not settings.keys().isdisjoint(SETTINGS)
        now = self.read_once_more(via, remote) if assigns or self.needs_whole_object(settings) else remote.body
        targets = assignments(targets_of(now) or [], settings, via.intune.groups.find_id)
        new_name = {self.name_property: name} if name != remote.name else {}
        self.change(via, Remote(remote.id, name, now), {**new_name, **to_description(now, settings)}, body)
        if assigns:
            via.intune.assign(self.collection, remote.id, targets)

    def delete(self, via: Via, remote: Remote) -> None:
        via.intune.delete(self.collection, remote.id)

    def new_body(self, name: str, body: Body) -> Body:  # noqa: ARG002 - for kinds whose refusals name the policy
        """Return the body of a new policy, without its type, name and description."""
        return properties(body)

    def change(self, via: Via, now: Remote, new_name: Body, body: Body) -> None:
        """Send the changed name, description and properties."""
        self.patch(via, now, {**new_name, **properties(body)})

    def patch(self, via: Via, now: Remote, changed: Body) -> None:
        """Send changed properties, if there are any."""
        if changed:
            via.intune.patch(self.write_path(changed), now.id, {**self._to_type_property(), **changed})

    def write_path(self, wire: Body) -> str:  # noqa: ARG002 - for types with properties that v1.0 lacks
        """Return the path of the collection to which these properties are written."""
        return self.collection

    def read_once_more(self, via: Via, remote: Remote) -> Body:
        """Return a policy that is about to be replaced, read again. Raise BadAnswer if it cannot be read completely."""
        row = read_again(via, self.collection, remote, expand=self.expand)
        if reason := self.describe_missing_parts(row):
            raise BadAnswer(f"nothing was changed: {reason}")
        return row

    def _to_type_property(self) -> Body:
        return {_TYPE: self.odata_type} if self.type_name else {}

    def _to_remotes(self, via: Via, rows: Sequence[Body]) -> Iterator[Remote | Unreadable]:
        """Yield each policy with the names of its groups, or the reason why the policy is unknown.

        Raise an error if the groups cannot be read, because the audience of every policy is then unknown.
        """
        groups = {group for row in rows for group in group_ids_in(targets_of(row) or [])}
        names = {group: via.intune.groups.name_of(group) for group in groups}
        for row in rows:
            identifier, name = text(row.get("id")), text(row.get(self.name_property))
            if not identifier:
                raise BadAnswer("a policy has no id")
            if (
                reason := _explain_unknown_assignments(row)
                or self.describe_missing_parts(row)
                or ("" if name else "it has no name")
            ):
                yield Unreadable(identifier, name or identifier, reason)
            else:
                reached = {group: names[group] for group in group_ids_in(targets_of(row) or [])}
                yield Remote(identifier, name, with_names(row, reached, via.intune.groups.find_deleted(reached)))


def policies_of_other_types(
    via: Via, collection: str, expand: str, sets: Callable[[Body], tuple[str, ...]]
) -> Iterator[OtherObject]:
    """Yield the policies of types that no kind covers.

    For each policy, name its settings that kinds of toolkit also have.
    """
    endpoints: list[object] = [kind.endpoint for kind in kinds("microsoft365").values()]
    covered = {endpoint.odata_type for endpoint in endpoints if isinstance(endpoint, IntunePolicies)}
    for row in via.intune.all(collection, expand=expand):
        if (of_type := text(row.get(_TYPE))) not in covered:
            name = text(row.get("displayName")) or text(row.get("id"))
            yield OtherObject(f"{name} ({of_type.removeprefix('#microsoft.graph.')})", sets(row))


def read_again(via: Via, collection: str, remote: Remote, *, expand: str = ASSIGNMENTS) -> Body:
    """Return an object whose assignments are about to be replaced, read again. Raise BadAnswer if they are unknown."""
    try:
        row = via.intune.get(collection, remote.id, expand=expand)
    except (Refused, Rejected) as error:
        raise BadAnswer(f"nothing was changed, because the object could not be read again first: {error}") from error
    if reason := _explain_unknown_assignments(row):
        raise BadAnswer(f"nothing was changed: {reason}")
    return row


def _explain_unknown_assignments(row: Body) -> str:
    """Return why an object's assignments are unknown, or "" if they are known."""
    return "its assignments were not shown with their filters" if targets_of(row) is None else ""

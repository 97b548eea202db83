"""Exceptions whose group is empty, deleted or unreadable.

The people in such an exception keep the settings of the last apply. The settings of all other people are known, so a
run corrects them. Only the list entries that exclude the group stay unchanged.
"""

from collections.abc import Mapping
from dataclasses import replace

from toolkit.planning.audience.resolve import KnownAudience
from toolkit.planning.contribution import Contribution
from toolkit.planning.desired.control_request import CloudCatalogue, ControlRequest
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan_details import Unknown
from toolkit.records import dataclass
from toolkit.sdk.reason import ReasonCode
from toolkit.sdk.resource import Desired, Observed
from toolkit.values import AtLeast, Json, Value, entries, unique

EXCEPTION_UNKNOWN = ReasonCode(
    "exception_unknown",
    admin="{why}",
    governor="the people with an exception are not known, so nothing could be checked for them",
)
EXCEPTION_EMPTY = ReasonCode(
    "exception_empty",
    admin="{why}",
    governor="the group with an exception is empty, so nothing could be checked for its people",
)
"""The group was read and has no members, so the people of the exception are unknown."""


@dataclass(frozen=True, slots=True)
class UnresolvedException:
    """An exception from a control on one cloud. The people in the exception are unknown."""

    name: str
    audience: KnownAudience  # as far as it is known
    trade: CloudCatalogue

    @property
    def reason_unknown(self) -> str:
        """Return a message that names the exception and its role, and says why the people of the role are unknown."""
        return f"the exception {self.name} is for {self.audience.audience.name}: {self.audience.missing}"

    @property
    def _knows_group_name(self) -> bool:
        """Return whether the id or the address by which objects refer to the group is known."""
        group = self.audience.audience.group
        return group is not None and bool(group.id or "@" in group.name)

    def request_for_everyone_else(
        self, with_exception: ControlRequest, without_exception: ControlRequest
    ) -> ControlRequest:
        """Return the objects that the control needs for everyone outside the exception.

        An object for a single person is marked as unknown, because this person may be in the exception. A shared object
        is marked as unknown if the exception changes more than its list entries.
        """
        others = {contribution.address: contribution for contribution in without_exception.contributions}
        made = [self._leave_out_group(own, others.pop(own.address, None)) for own in with_exception.contributions]
        left = [replace(contribution, unknown=self.reason_unknown) for contribution in others.values()]
        return replace(with_exception, contributions=(*made, *left))

    def mark_as_replaceable(self, request: ControlRequest) -> ControlRequest:
        """Return the objects that the exception needs, marked so that another playbook entry for the same
        object replaces them.
        """
        own = [
            self._keep_list_entries(replace(part, gives_way=True), _entries_by_list(part, self.trade))
            for part in request.contributions
        ]
        return replace(request, contributions=tuple(own))

    def to_unknown(self, control_name: str) -> Unknown:
        """Return a row for the plan that says that the exception's objects are unknown, with the reason."""
        reason = (EXCEPTION_EMPTY if self.audience.empty else EXCEPTION_UNKNOWN)(why=self.reason_unknown)
        role = self.audience.audience.name
        return Unknown(control_name, reason, for_whom=True, provider=self.trade.name, excepts=role)

    def _leave_out_group(self, with_exception: Contribution, without_exception: Contribution | None) -> Contribution:
        kind = self.trade.kinds[with_exception.address.kind]
        if without_exception is None or kind.per_person:
            return replace(with_exception, unknown=self.reason_unknown)
        others = _entries_by_list(without_exception, self.trade)
        more = {
            path: items - others.get(path, frozenset())
            for path, items in _entries_by_list(with_exception, self.trade).items()
        }
        more = {path: items for path, items in more.items() if items}
        if _settings_outside_lists(with_exception.settings, more) != _settings_outside_lists(
            without_exception.settings, more
        ) or (more and not self._knows_group_name):
            return replace(with_exception, unknown=self.reason_unknown)
        return self._keep_list_entries(without_exception, more)

    def _keep_list_entries(
        self, contribution: Contribution, entries_by_list: Mapping[str, frozenset[str]]
    ) -> Contribution:
        """Return the object with some list entries kept unchanged, because the tenant may still have the id
        of a deleted group.
        """
        gone = self.audience.is_gone
        held = dict(contribution.spared if gone else contribution.as_applied)
        ids = frozenset(filter(None, [self.audience.former]))
        for path, items in entries_by_list.items():
            held[path] = held.get(path, frozenset()) | items | ids
        return replace(contribution, spared=held) if gone else replace(contribution, as_applied=held)


def _entries_by_list(contribution: Contribution, catalogue: CloudCatalogue) -> Mapping[str, frozenset[str]]:
    """Return all entries that an object's lists must contain or must not contain, by the list's setting."""
    table = catalogue.kinds[contribution.address.kind].spec.table()
    values = {path: table[path].form.read(value) for path, value in contribution.settings.items()}
    return {
        path: frozenset({*entries(value), *(value.lacking if isinstance(value, AtLeast) else ())})
        for path, value in values.items()
        if isinstance(value, AtLeast | tuple)
    }


def _settings_outside_lists(settings: Mapping[str, Json], lists: Mapping[str, frozenset[str]]) -> Mapping[str, Json]:
    return {path: value for path, value in settings.items() if path not in lists}


def keep_exception_entries(desired: Desired, observed: Observed | None, last_applied: LastApplied | None) -> Desired:
    """Return the object with the list entries that exclude people whose exception is unresolved.

    An entry is kept if the tenant has the entry or the last apply sent it. A new object gets all of these entries, so
    that it does not reach the people in the exceptions.
    """
    kept: dict[str, Value] = {}
    for path, held in desired.as_applied.items():
        value = desired.settings.get(path)
        there = entries(observed.settings.get(path)) if observed else held
        before = entries(last_applied.sent.get(path)) if last_applied else ()
        if more := held.intersection({*there, *before}).difference(entries(value)):
            items = unique((*entries(value), *more))
            lacking = value.lacking if isinstance(value, AtLeast) else ()
            open_ended = isinstance(value, AtLeast) or path not in desired.settings
            kept[path] = AtLeast(items, unique({*lacking} - more)) if open_ended else items
    return replace(desired, settings={**desired.settings, **kept}) if kept else desired

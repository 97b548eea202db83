"""Find the changes of a plan that need the approval of a second person, as the school file asks."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.engine.context import RunContext
from toolkit.engine.read_tenants import read_directories
from toolkit.engine.refresh import TenantSurvey
from toolkit.messages import list_some
from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.stops import EndedUse
from toolkit.school.signers import ChangeClass
from toolkit.sdk.effect import EffectArea
from toolkit.sdk.lending import object_name

_COMMANDS = frozenset({"plan", "apply", "withdraw"})
"""The commands that make or apply a plan file. A rollback and due changes follow from an earlier review."""


def find_needed_approvals(context: RunContext, survey: TenantSurvey, stops: Sequence[EndedUse]) -> Sequence[str]:
    """Return a sentence for each class of change in a plan that needs an approval.

    Return none if the school file asks for no approval, or if the command does not apply a plan that can be approved.
    The people of a tenant may be read to count them.
    """
    classes = survey.playbooks.school.approval
    if not classes or context.command not in _COMMANDS:
        return ()
    return [
        *(_stops_mail(stops) if ChangeClass.STOPS_MAIL in classes else ()),
        *(_deletes(survey.plan.changes) if ChangeClass.DELETES in classes else ()),
        *(_reaches_over_half(survey) if ChangeClass.OVER_HALF in classes else ()),
    ]


def _stops_mail(stops: Sequence[EndedUse]) -> Iterator[str]:
    addresses = {address: None for stop in stops if stop.area is EffectArea.MAIL for address in stop.addresses}
    if addresses:
        yield f"{ChangeClass.STOPS_MAIL}: {list_some([object_name(address) for address in addresses])}"


def _deletes(changes: Sequence[Change]) -> Iterator[str]:
    deleted = [object_name(change.address) for change in changes if isinstance(change, Delete)]
    if deleted:
        yield f"{ChangeClass.DELETES}: {list_some(deleted)}"


def _reaches_over_half(survey: TenantSurvey) -> Iterator[str]:
    reaching = [change for change in survey.plan.changes if isinstance(change, Create | Update)]
    population = _count_people(survey, {change.address.provider for change in reaching if _is_uncertain(change)})
    over = [object_name(change.address) for change in reaching if _is_over_half(change, population)]
    if over:
        yield f"reaches {ChangeClass.OVER_HALF} of the school: {list_some(over)}"


def _is_uncertain(change: Create | Update) -> bool:
    desired = change.desired
    return not (desired.everyone or desired.all_devices) and bool(desired.reach and desired.reach.people)


def _is_over_half(change: Create | Update, population: Mapping[str, int]) -> bool:
    """Return whether a change reaches everyone, all devices, or more than half of the people that could be counted."""
    desired = change.desired
    if desired.everyone or desired.all_devices:
        return True
    people = (desired.reach.people if desired.reach else None) or 0
    return people * 2 > population.get(change.address.provider, 0) if people else False


def _count_people(survey: TenantSurvey, providers: set[str]) -> Mapping[str, int]:
    """Return the number of active people by cloud. It is 0 if they cannot be read, so that a change needs approval."""
    connections = {name: survey.connections[name] for name in providers}
    directories = read_directories(connections, {}, people=True)
    return {
        name: sum(person.enabled for person in directory.people.values()) for name, directory in directories.items()
    }

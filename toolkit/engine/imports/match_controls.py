"""Find the controls whose desired state equals the tenant's state. Each object is read only once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.engine.imports.importing import TenantSettings
from toolkit.engine.imports.read_cache import ReadCache
from toolkit.engine.read_tenants import read_directories
from toolkit.errors import PlaybookError
from toolkit.planning.change import Update
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.draft import AnyKind
from toolkit.planning.expand import expand
from toolkit.planning.imports.fit_settings import ControlDraft, fit_to_tenant, shortest_draft
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import ACCEPTED_LOOK_ALIKE, LOOK_ALIKE
from toolkit.playbook.controls import checked_entry
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Directory
from toolkit.sdk.providers import kinds, realisations
from toolkit.sdk.resource import EVERY, Address, Desired, Mode, Observed
from toolkit.values import AtLeast, Json, entries

_NOT_THERE = 1000
"""The cost of a missing object. A setting that differs costs 1."""


@dataclass(frozen=True, slots=True)
class ControlScore:
    """The result of comparing a control with given settings with the tenant."""

    cost: int  # 0 if the tenant is as the control asks
    desired_objects: Sequence[Desired] = ()
    observed: Mapping[str, Sequence[Observed]] = field(default_factory=dict)  # by kind

    def matching_objects(self, desired: Desired) -> list[Observed]:
        """Return the tenant's objects to which a desired object applies. These may be all objects of its kind."""
        name = desired.address.name.casefold()
        objects = self.observed.get(desired.address.kind_path, ())
        return [resource for resource in objects if name in (EVERY, resource.address.name.casefold())]


IMPOSSIBLE = ControlScore(10**9)


def cost_of_plan(plan: Plan) -> int:
    """Return the cost of a control that does not match: the number of settings that differ, plus a high cost for
    each missing or ambiguous object.
    """
    others = (plan.unknown, plan.refused, plan.select(LOOK_ALIKE), plan.select(ACCEPTED_LOOK_ALIKE), plan.changes)
    differing = sum(len(change.fields) if isinstance(change, Update) else _NOT_THERE for change in plan.checked_changes)
    return differing + _NOT_THERE * sum(map(len, others))


def count_unrequested_values(desired: Desired, score: ControlScore) -> int:
    """Count the list entries and built-in settings in the tenant for which the control does not ask."""
    kind, matches = kind_of(desired), score.matching_objects(desired)
    if desired.address.name == EVERY:
        return 0
    others = sum(_count_foreign_entries(desired, path, resource) for resource in matches for path in desired.settings)
    if not kind.fixed or kind.per_person:
        return others
    paths = {path for resource in matches for path, value in resource.settings.items() if value not in (None, False)}
    return others + len(paths - desired.settings.keys())


def _count_foreign_entries(desired: Desired, setting: str, observed: Observed) -> int:
    value = desired.settings[setting]
    return len(set(entries(observed.settings.get(setting))) - set(value.items)) if isinstance(value, AtLeast) else 0


def list_settings_without_other_entries(desired: Desired, score: ControlScore) -> frozenset[str]:
    """Return the list settings for which the tenant has only the entries that the control asks for."""
    matches = score.matching_objects(desired)
    return frozenset(
        path
        for path in desired.settings
        if not any(_count_foreign_entries(desired, path, resource) for resource in matches)
    )


def tenant_has_enforced_value(score: ControlScore) -> bool:
    """Return whether the tenant has a value for a setting that the control enforces."""
    return any(score.matching_objects(desired) and not kind_of(desired).read_only for desired in score.desired_objects)


def kind_of(desired: Desired) -> AnyKind:
    return kinds(desired.address.provider)[desired.address.kind]


def is_temporary(desired: Desired) -> bool:
    return kind_of(desired).temporary is not None


@dataclass(frozen=True, slots=True)
class MatchedControl:
    """A control that matches the tenant, with the objects, settings and kinds that it covers and that need no
    other playbook entry.
    """

    control: str
    settings: Mapping[str, Json]
    addresses: frozenset[str] = frozenset()  # of all desired objects, on every cloud, in lower case
    objects: frozenset[Address] = frozenset()
    common_settings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)  # of how many people, by kind
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """The kinds and tenants in which controls are matched, with the controls that the playbooks already have."""

    provider: str
    school: School
    existing: Playbooks | None
    asked_for: frozenset[str]  # the addresses that the existing playbooks ask for, in lower case
    connections: Mapping[str, Connection]
    picture: TenantSettings
    now: datetime


def find_matching_controls(request: MatchRequest) -> Iterator[MatchedControl]:
    """Yield the controls that match the tenant, in the order of their names.

    Two controls share an object only if they set different settings.
    """
    playbooks = request.existing.playbooks if request.existing else ()
    existing = {entry.name for playbook in playbooks for entry in playbook.controls}
    names = [name for name in sorted(controls()) if name in realisations(request.provider) and name not in existing]
    # A list of hosts does not show which apps it was meant to block, or with how many controls.
    names = [name for name in names if not issubclass(controls()[name].settings, Blocking)]
    trial = _ControlMatcher(request)
    taken = set(request.asked_for)
    for name in names:
        match = trial.find_match(controls()[name])
        if match and not taken & match.addresses:
            taken |= {address for address in match.addresses if not address.endswith(f"[{EVERY}]")}
            yield match


class _ControlMatcher:
    """Finds the controls that match the tenants of all clouds, because a control applies to all of them."""

    def __init__(self, request: MatchRequest) -> None:
        self._request = request
        self._cache = ReadCache(request.connections, request.picture.observed)
        self._directories = _read_directories(request)

    def find_match(self, control: Control) -> MatchedControl | None:
        """Return the control with settings that make it match the tenant's state, or None if there are no
        such settings.
        """
        for audience in self._audiences() if control.reaches_people else (EVERYONE,):
            if control.of_role and audience == EVERYONE:
                continue
            start = shortest_draft(control, audience)
            near = self._observed_objects(self._try_settings(control, start))
            if not near:
                continue
            best = fit_to_tenant(control, start, near, lambda choice: self._try_settings(control, choice).cost)
            score = self._try_settings(control, best)
            if not score.cost and tenant_has_enforced_value(score):
                return self._to_match(control, best, score)
        return None

    @staticmethod
    def _observed_objects(score: ControlScore) -> Sequence[Observed]:
        """Return the tenant's objects for which a control asks, without objects that belong to a person."""
        resources = [resource for desired in score.desired_objects for resource in score.matching_objects(desired)]
        return list({tuple(sorted(resource.settings.items(), key=str)): resource for resource in resources}.values())

    def _audiences(self) -> Sequence[str]:
        """Return "everyone", followed by the roles that have members in every cloud."""
        clouds = self._request.connections
        roles = (role for role in self._request.school.roles.values() if all(role.on(cloud) for cloud in clouds))
        return (EVERYONE, *(role.name for role in roles))

    def _try_settings(self, control: Control, choice: ControlDraft) -> ControlScore:
        entry = checked_entry(control, choice.settings, choice.texts, self._request.school)
        if entry is None:
            return IMPOSSIBLE
        clouds = cloud_catalogues(list(self._request.connections))
        playbooks = _playbooks_with(entry, self._request.school)
        try:
            expansion = expand(playbooks, clouds, controls(), self._directories, now=self._request.now)
        except PlaybookError:
            return IMPOSSIBLE
        desired_objects = [desired for desired in expansion.wanted if isinstance(desired, Desired)]
        if expansion.unknown or not desired_objects or any(is_temporary(desired) for desired in desired_objects):
            return IMPOSSIBLE
        observed, needed_kinds = self._cache.read(desired.address for desired in desired_objects)
        plan_rules = PlanRules(ownership=Ownership(ignores_marks=True))
        plan = compare(desired_objects, observed, needed_kinds, {}, rules=plan_rules)
        score = ControlScore(0, desired_objects, observed.objects)
        return replace(
            score,
            cost=cost_of_plan(plan) + sum(count_unrequested_values(desired, score) for desired in desired_objects),
        )

    def _to_match(self, control: Control, choice: ControlDraft, score: ControlScore) -> MatchedControl:
        own = [desired for desired in score.desired_objects if desired.address.provider == self._request.provider]
        single = [desired for desired in own if desired.address.name != EVERY and not kind_of(desired).per_person]
        common_settings = {
            desired.address.kind_path: list_settings_without_other_entries(desired, score)
            for desired in own
            if desired.address.name == EVERY
        }
        return MatchedControl(
            control.name,
            choice.settings,
            frozenset(str(desired.address).casefold() for desired in score.desired_objects),
            frozenset(resource.address for desired in single for resource in score.matching_objects(desired)),
            common_settings,
            Counter(desired.address.kind_path for desired in own if kind_of(desired).per_person),
            choice.texts,
        )


def _read_directories(request: MatchRequest) -> Mapping[str, Directory]:
    """Return the directory of each tenant, with people and the groups of all roles, because a control may apply
    to any role.
    """
    roles = request.school.roles.values()
    groups = {name: [group for role in roles if (group := role.on(name))] for name in request.connections}
    return read_directories(request.connections, groups, people=True)


def _playbooks_with(entry: ControlEntry, school: School) -> Playbooks:
    """Return playbooks that contain nothing except this control."""
    playbook = Playbook(
        slug="import",
        title="",
        owner=None,
        clauses=(),
        mode=Mode.CHECK,
        path=entry.origin.path,
        controls=(entry,),
        resources=(),
    )
    return Playbooks(school=school, playbooks=(playbook,), attestations=(), digest="", root=Path(), others={})

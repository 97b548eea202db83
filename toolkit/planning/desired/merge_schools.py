"""Merge the objects of schools that share a tenant.

Equal values make one object, which is assigned to the groups of all of these schools. An object is split only if
values, texts or dates differ. A split object has the name of the first of its schools in brackets, unless it has the
value of the trust's own files.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeAlias

from pydantic import ValidationError

from toolkit.errors import Problem
from toolkit.planning.audience.resolve import AUDIENCE_UNKNOWN
from toolkit.planning.contribution import Contribution, join_lists
from toolkit.planning.desired.audience_paths import audience_paths
from toolkit.planning.desired.control_request import CloudCatalogue, ControlRequest
from toolkit.planning.desired.merged_controls import Renamed, leave_out_parts_of_schools, without_objects
from toolkit.planning.desired.people_in_two_schools import PeopleInTwoSchools
from toolkit.planning.desired.split_names import SplitNames
from toolkit.planning.plan_details import Unknown
from toolkit.playbook.slices import BASE, WHOLE_TENANT, Slices
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import ALL_ENTRIES, Address, Mode, Reach
from toolkit.sdk.spec import Join
from toolkit.values import Json, entries

_ROOT_UNIT = "/"
_BySchool: TypeAlias = Mapping[str, Sequence[Contribution]]


def merge_schools(
    requests: Sequence[ControlRequest],
    catalogues: Mapping[str, CloudCatalogue],
    slices: Slices,
    people: PeopleInTwoSchools,
) -> list[ControlRequest]:
    """Return the requests of the schools of a trust, in which objects with equal values are one object."""
    together: dict[tuple[Address, Mode], dict[str, list[Contribution]]] = {}
    requests = leave_out_parts_of_schools(requests)
    for request in requests:
        for contribution in request.contributions:
            by_school = together.setdefault((contribution.address, contribution.mode), {})
            by_school.setdefault(request.school, []).append(contribution)
    renamed: Renamed = {}
    merged = ControlRequest(problems=tuple(people.problems()))
    for by_school in together.values():
        merged = _add_object(merged, by_school, catalogues, _MergeInputs(slices, people, renamed))
    return [*(without_objects(request, renamed) for request in requests if request.school != BASE), merged]


@dataclass(frozen=True, slots=True)
class _MergeInputs:
    slices: Slices
    people: PeopleInTwoSchools
    renamed: Renamed


def _add_object(
    merged: ControlRequest,
    by_school: _BySchool,
    catalogues: Mapping[str, CloudCatalogue],
    inputs: _MergeInputs,
) -> ControlRequest:
    """Return the merged request with the contributions of all schools to an object."""
    schools = {school: by_school[school] for school in inputs.slices.schools if school in by_school}
    first = next(iter(next(iter(by_school.values()))))
    if not schools:
        own = by_school.get("") or by_school.get(WHOLE_TENANT) or ()
        tenant_wide = tuple(replace(contribution, schools=()) for contribution in own)
        return replace(merged, contributions=(*merged.contributions, *tenant_wide))
    kind = (
        catalogues[first.address.provider].kinds[first.address.kind] if first.address.provider in catalogues else None
    )
    if kind is None or "" in by_school or any(c.withdrawn or c.gives_way for own in schools.values() for c in own):
        loose = (*by_school.get("", ()), *(c for own in schools.values() for c in own))
        return replace(merged, contributions=(*merged.contributions, *loose))
    merger = _Merger(kind, inputs.slices)
    if not is_splittable(kind):
        return _add_tenant_object(merged, merger, schools, by_school.get(BASE, ()), inputs.people)
    base_shape = merger.shape(by_school[BASE]) if BASE in by_school else None
    variants = merger.variants(schools)
    split_names, used = SplitNames(inputs.slices), list[Address]()
    own_values = {shape: names for shape, names in variants.items() if shape != base_shape}
    for shape, names in variants.items():
        variant = {school: schools[school] for school in names}
        address = first.address
        if shape in own_values:
            others = [school for group in own_values.values() if group is not names for school in group]
            address = split_names.choose(address, names, others, used)
            used.append(address)
            inputs.renamed.update({(school, first.address): address for school in names})
        contributions, unknown = merger.join(variant, address)
        if len(variants) > 1:
            guests = inputs.people.guests(address.provider, frozenset(names))
            contributions = [merger.leave_out(guests, contribution) for contribution in contributions]
        merged = _extend(merged, contributions, unknown)
    return replace(merged, absent=(*merged.absent, *split_names.find_unneeded(first, used)))


def is_splittable(kind: Kind[Connection]) -> bool:
    """Return whether toolkit can create a second object of a kind, for schools with another value."""
    has_one_name = kind.names.only is not None or kind.names.identifies
    return not (kind.fixed or kind.read_only or kind.per_person or has_one_name)


def _add_tenant_object(
    merged: ControlRequest,
    merger: "_Merger",
    schools: _BySchool,
    base: Sequence[Contribution],
    people: PeopleInTwoSchools,
) -> ControlRequest:
    """Add an object of which the tenant has only one. Raise a problem if a school asks for another value."""
    is_whole_tenant = not merger.kind.per_person and not any(
        merger.audience(contribution) or merger.is_named_for_people(contribution)
        for own in schools.values()
        for contribution in own
    )
    if not is_whole_tenant:  # such as the members of a list to which several schools add
        merger.paths_to_ignore = frozenset(
            path for path, setting in merger.kind.spec.table().items() if setting.join is Join.UNION
        )
    variants = merger.variants(schools)
    address = next(iter(schools.values()))[0].address
    home = people.home_of(address.provider, address.label)
    if merger.kind.per_person and home:
        schools = {school: own for school, own in schools.items() if school == home}
    elif len(variants) > 1:
        return replace(merged, problems=(*merged.problems, merger.refusal(variants, schools, base)))
    if not (is_whole_tenant or merger.kind.per_person):
        return _extend(merged, *merger.join(schools, address))
    own = [contribution for contributions in schools.values() for contribution in contributions]
    if is_whole_tenant:  # for everyone, so the people of a school that cannot be read do not matter
        resolved = [contribution for contribution in own if not contribution.unknown]
        own = [replace(contribution, schools=()) for contribution in resolved or own]
    return _extend(merged, own, [])


def _extend(
    merged: ControlRequest, contributions: Sequence[Contribution], unknown: Sequence[Unknown]
) -> ControlRequest:
    return replace(merged, contributions=(*merged.contributions, *contributions), unknown=(*merged.unknown, *unknown))


def _leaves_out(path: str) -> bool:
    """Return whether a setting names people to whom an object does not apply."""
    return "except" in path or "exclude" in path


class _Merger:
    """Compares and joins the contributions of schools to an object of a kind."""

    def __init__(self, kind: Kind[Connection], slices: Slices) -> None:
        self.kind = kind
        self.paths_to_ignore = frozenset[str]()
        self._slices = slices

    def audience(self, contribution: Contribution) -> frozenset[str]:
        """Return the settings that hold the audience of an object."""
        try:
            settings = self.kind.spec.desired(contribution.settings)
        except (ValidationError, ValueError):
            return frozenset()
        return audience_paths(self.kind, contribution.address.name, settings) & contribution.settings.keys()

    def is_named_for_people(self, contribution: Contribution) -> bool:
        """Return whether the name of an object has its unit, as the name of a Chrome policy does."""
        return any(group != _ROOT_UNIT for group in self.kind.reaches(contribution.address.name, {}).groups)

    def shape(self, contributions: Sequence[Contribution]) -> str:
        """Return the values of an object without its audience, as text to compare."""
        return json.dumps([self._values(contribution) for contribution in contributions], sort_keys=True, default=str)

    def _values(self, contribution: Contribution) -> Sequence[Json]:
        left_out = self.audience(contribution) | self.paths_to_ignore
        left_out |= {path for path, value in contribution.settings.items() if value is None and _leaves_out(path)}
        kept = {path: value for path, value in contribution.settings.items() if path not in left_out}
        included = sorted(path for path in left_out & contribution.settings.keys() if not _leaves_out(path))
        return [contribution.made_by, kept, included, contribution.pilot]

    def variants(self, schools: _BySchool) -> Mapping[str, list[str]]:
        """Return the schools with equal values, by these values, in the order of trust.yaml."""
        variants: dict[str, list[str]] = {}
        for school, contributions in schools.items():
            variants.setdefault(self.shape(contributions), []).append(school)
        return {key: group for shape, names in variants.items() for key, group in self._joinable(shape, names, schools)}

    def _joinable(self, shape: str, names: list[str], schools: _BySchool) -> Iterator[tuple[str, list[str]]]:
        """Yield the schools whose audiences can be lists of the same object.

        An object with a single unit is for one school. If two lists differ, such as senders and recipients, one object
        would also join one school's senders with another school's recipients.
        """
        differing = [
            {
                path: isinstance(contribution.settings[path], str)
                for path in self.audience(contribution)
                if len({json.dumps(schools[name][position].settings.get(path)) for name in schools}) > 1
                and not _leaves_out(path)
            }
            for position, contribution in enumerate(schools[names[0]])
        ]
        if all(len(paths) <= 1 and not any(paths.values()) for paths in differing):
            yield shape, names
        else:
            yield from ((f"{shape} {name}", [name]) for name in names)

    def join(self, variant: _BySchool, address: Address) -> tuple[list[Contribution], list[Unknown]]:
        """Return the contributions to one object for several schools, and the schools whose people are unknown."""
        covered = {school: own for school, own in variant.items() if self._slices.covers(school)}
        shared = covered.keys() != variant.keys() and bool(covered) and not self._slices.is_judged
        resolved = {school: own for school, own in (covered or variant).items() if not any(c.unknown for c in own)}
        joined = [
            self._join_position(position, resolved or covered or variant, variant, address)
            for position in range(len(next(iter(variant.values()))))
        ]
        unknown = [
            Unknown(
                own[0].made_by or address.kind_path,
                AUDIENCE_UNKNOWN(why=f"{school}: {why}"),
                for_whom=True,
                provider=address.provider,
            )
            for school, own in covered.items()
            if resolved and school not in resolved and (why := next((c.unknown for c in own if c.unknown), ""))
        ]
        return [replace(contribution, is_shared=shared) for contribution in joined], unknown

    def _join_position(self, position: int, joined: _BySchool, variant: _BySchool, address: Address) -> Contribution:
        own = [contributions[position] for contributions in joined.values()]
        others = [variant[school][position] for school in variant if school not in joined]
        table = self.kind.spec.table()
        paths = self.paths_to_ignore.union(*(self.audience(contribution) for contribution in own))
        settings = {
            **own[0].settings,
            **{
                path: reduce(lambda first, second: join_lists(table[path], first, second), values)
                for path in paths
                if (values := [c.settings[path] for c in own if c.settings.get(path) is not None])
            },
        }
        is_unknown = any(contribution.unknown for contribution in others)
        spared = {
            path: frozenset([ALL_ENTRIES])
            if is_unknown
            else frozenset[str]().union(*(entries(table[path].form.read(other.settings.get(path))) for other in others))
            for path in paths
            if others
        }
        return replace(
            own[0],
            address=replace(address, label=own[0].address.label),
            settings=settings,
            schools=tuple(variant),
            reach=_add_reaches([contribution.reach for contribution in own]),
            spared={**own[0].spared, **spared},
        )

    def leave_out(self, people: frozenset[str], contribution: Contribution) -> Contribution:
        """Return a contribution that leaves out single people, if the kind has a setting for this."""
        settings = dict(contribution.settings)
        for path, exception in self.kind.leaves_out.items():
            if people and settings.get(path):
                setting = self.kind.spec.table()[exception]
                settings[exception] = sorted({*entries(setting.form.read(settings.get(exception))), *people})
        return replace(contribution, settings=settings)

    def refusal(self, variants: Mapping[str, list[str]], schools: _BySchool, base: Sequence[Contribution]) -> Problem:
        """Return the problem that schools ask for different values, with the lines of both."""
        groups = list(variants.values())
        reference = self.shape(base) if base else next(iter(variants))
        other = next(names[0] for shape, names in variants.items() if shape != reference)
        there = base[0] if base else schools[groups[0][0]][0]
        asking = schools[other][0]
        address = asking.address
        if self.kind.per_person:
            names = " and ".join(name for group in groups for name in group)
            text = f"is in {names}, which ask for different values: name the person's home under `people:`"
        elif self.kind.fixed and self.kind.names.only is None:
            text = (
                f"{other} asks for another value than {there.origin}, but toolkit changes only the existing "
                f"{self.kind.title}, which is for the whole tenant. The trust sets it: delete the school's value"
            )
        else:
            text = (
                f"{other} asks for another value than {there.origin}, but this is a setting of the whole tenant. "
                "The trust sets it: delete the school's value"
            )
        return Problem(asking.origin.path, asking.origin.line, f"{address}: {text}")


def _add_reaches(reaches: Sequence[Reach | None]) -> Reach | None:
    counted = [reach for reach in reaches if reach]
    people = [reach.people for reach in counted if reach.people is not None]
    devices = [reach.devices for reach in counted if reach.devices is not None]
    return Reach(sum(people) if people else None, sum(devices) if devices else None) if counted else None

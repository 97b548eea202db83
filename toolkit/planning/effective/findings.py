"""Find settings that a playbook requires but people would not get, because a stronger layer overrides them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from toolkit.planning.effective.worlds import SettingLayers, setting_names
from toolkit.planning.plan_details import Refusal, Remark
from toolkit.records import dataclass
from toolkit.sdk.precedence import Cohort, EffectiveValue, Layer, LayerConflict, LayerPlace, SettledValue
from toolkit.sdk.resource import Address, Desired
from toolkit.values import AtLeast, entries, satisfied


class _LostValues(NamedTuple):
    layer: str  # the name of the layer that gives a cohort these values now
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A setting of a managed object that some people do not get, because a stronger layer overrides it."""

    address: Address
    winner: str  # the layer's name
    stronger: Address | None  # if the layer is ours
    setting: str


@dataclass(slots=True)
class PeopleComparison:
    """Compares the settings that people get after a plan with the settings that the playbooks require."""

    after: SettingLayers
    places: Mapping[Address, LayerPlace]
    desired: Mapping[Address, Desired]
    enabled_objects: frozenset[Address]  # enabled after the plan
    hidden: Counter[_Hidden] = field(default_factory=Counter)
    people: Counter[Address] = field(default_factory=Counter)  # the number of people of each object

    def compare_settings(self) -> None:
        """Compare every setting that each cohort gets with the desired setting.

        A cohort is a set of people who are in the same units and groups.
        """
        for key in sorted({place.key for place in self.places.values()}):
            for cohort in self.after.cohorts:
                self._compare_setting_values(key, cohort)

    def _compare_setting_values(self, key: str, cohort: Cohort) -> None:
        asking = [
            self.desired[address]
            for address, place in self.places.items()
            if place.key == key and address in self.desired and place.reaches(cohort.targets)
        ]
        if not asking:
            return
        self.people.update({desired.address: cohort.people for desired in asking})
        for setting in sorted(
            {name for desired in asking for name in desired.settings} - self.after.precedence.about_place
        ):
            match self.after.effective_value(key, setting, cohort):
                case SettledValue(_, Layer() as winner):
                    self._add_hidden_setting(asking, setting, winner, cohort)
                case LayerConflict(layers):
                    for layer in layers:
                        self._add_hidden_setting(asking, setting, layer, cohort)

    def _add_hidden_setting(
        self, requiring_objects: Sequence[Desired], setting: str, winner: Layer, cohort: Cohort
    ) -> None:
        """Count the people who do not get an object's setting, because a stronger layer overrides it.

        People with an exception from the same control are not counted.
        """
        if not cohort.people:
            return
        stronger = self.desired[winner.address] if winner.address else None
        for desired in requiring_objects:
            if winner.address == desired.address or desired.address not in self.enabled_objects:
                continue
            if not _lacks_desired_value(desired, setting, winner) or (
                stronger and _is_exception_from(stronger, desired, setting)
            ):
                continue
            if self.places[desired.address].rank < winner.place.rank:
                continue  # nothing is set there, because the weaker layer was sufficient when it was read
            self.hidden[_Hidden(desired.address, winner.name, winner.address, setting)] += cohort.people

    def refusals(self) -> Iterator[Refusal]:
        """Yield a refusal of each managed object that would override a setting of another managed object."""
        for hidden, people in self.hidden.items():
            if hidden.stronger:
                stronger, weaker = self.desired[hidden.stronger], self.desired[hidden.address]
                line = weaker.origins.get(hidden.setting, weaker.origin)
                reason = (
                    f"its {hidden.setting} would override the setting of {line} at {weaker.address.name} for "
                    f"{_format_people(people)}. Write both settings for the same people"
                )
                yield Refusal(stronger.address, reason, stronger.origins.get(hidden.setting, stronger.origin))

    def remarks(self) -> Iterator[Remark]:
        """Yield a remark on each managed setting that another administrator's setting overrides."""
        for hidden, people in self.hidden.items():
            if hidden.stronger is None:
                text = f"{_format_people(people)} have its {hidden.setting} instead of ours"
                yield Remark(hidden.address, hidden.winner, text, whole=people >= self.people[hidden.address])


def _lacks_desired_value(desired: Desired, setting: str, layer: Layer) -> bool:
    """Return whether a layer does not have the desired value of a setting.

    Entries that a list must not contain are not compared.
    """
    if setting not in desired.settings:
        return False
    desired_value = desired.settings[setting]
    return not satisfied(
        AtLeast(desired_value.items) if isinstance(desired_value, AtLeast) else desired_value,
        layer.settings.get(setting),
    )


def _is_exception_from(stronger: Desired, weaker: Desired, setting: str) -> bool:
    """Return whether the stronger object belongs to an exception from the control that made the weaker object,
    and sets this setting.
    """
    return not {*stronger.made_by}.isdisjoint(weaker.made_by) and setting in stronger.settings


def refuse_lost_settings(
    current_layers: SettingLayers,
    layers_after: SettingLayers,
    places: Mapping[Address, LayerPlace],
    desired_objects: Mapping[Address, Desired],
) -> Iterator[Refusal]:
    """Yield a refusal of each object that would take away settings which people now get from another object."""
    for address, place in places.items():
        taken: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        for cohort in current_layers.cohorts_reached(place):
            layers = [*current_layers.layers_for(place.key, cohort), *layers_after.layers_for(place.key, cohort)]
            for setting in sorted(setting_names(layers) - current_layers.precedence.about_place):
                before, then = (
                    world.effective_value(place.key, setting, cohort) for world in (current_layers, layers_after)
                )
                if lost := _find_lost_values(before, then, place):
                    taken[setting, lost.layer, lost.values] += cohort.people
        for (setting, name, values), people in taken.items():
            reason = (
                f"its {setting} would override {name} for {_format_people(people)}, who would lose "
                f"{', '.join(values)}. Write the settings that they need into the playbooks, and apply them"
            )
            yield Refusal(address, reason, desired_objects[address].origin)


def _find_lost_values(before: EffectiveValue, after: EffectiveValue, place: LayerPlace) -> _LostValues | None:
    """Return which values a cohort would lose because of an object: the name of the layer that now provides
    them, and the values.
    """
    match before, after:
        case SettledValue(tuple() as values, Layer() as winner), SettledValue(value_after):
            missing = tuple(value for value in values if value not in entries(value_after))
        case SettledValue(value, Layer() as winner), SettledValue(value_after):
            missing = () if value in {None, value_after} else (str(value),)
        case _:
            return None
    return _LostValues(winner.name, missing) if missing and winner.place != place else None


def _format_people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"

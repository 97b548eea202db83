"""Add settings of weaker layers to managed objects that would otherwise override them, so that people lose no
setting.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from toolkit.planning.effective.worlds import SettingLayers, setting_names
from toolkit.planning.plan_details import Refusal, Remark
from toolkit.records import dataclass
from toolkit.sdk.precedence import Cohort, Layer, LayerPlace, SettledValue
from toolkit.sdk.resource import Address, Desired, Observed
from toolkit.sdk.spec import Spec
from toolkit.values import AtLeast, Value, entries, satisfied, unique

_RankAndName: TypeAlias = tuple[tuple[int, ...], str]
_NOT_REMEMBERED = "The ledger has no record of whether this list existed before toolkit wrote the list"


@dataclass(frozen=True, slots=True)
class Origins:
    """The objects that this ledger has written, and the objects that had no settings before toolkit's first change."""

    initially_unset: Collection[Address]  # nothing was set there before our first write
    our_objects: Collection[Address]  # this ledger wrote them


@dataclass(slots=True)
class LayerJoin:
    """Adds settings of weaker layers to the objects that would otherwise override them."""

    world: SettingLayers
    places: Mapping[Address, LayerPlace]
    desired: Mapping[Address, Desired]
    observed: Mapping[Address, Observed]
    origins: Origins
    spec: type[Spec]
    joined_objects: dict[Address, Desired] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add_hidden_settings(self) -> None:
        """Add to each object the settings that it would otherwise override, beginning with the lowest layer.

        An object that is refused is left as the playbooks describe it.
        """
        placed = [
            desired
            for desired in self.desired.values()
            if desired.address in self.places and desired.address in self.observed
        ]
        for desired in sorted(placed, key=lambda entry: self.places[entry.address].rank, reverse=True):
            place, observed = self.places[desired.address], self.observed[desired.address]
            joined = self._add_weaker_settings(desired, place, observed)
            if isinstance(joined, Refusal):
                self.refused.append(joined)
                continue
            self.joined_objects[desired.address] = joined
            self.world.set_layer(place, joined, observed)

    def _add_weaker_settings(self, desired: Desired, place: LayerPlace, observed: Observed) -> Desired | Refusal:
        """Return an object with the settings of weaker layers that it would otherwise override.

        Return a refusal if people have different values there.
        """
        if not self.world.precedence.inherits or (place.bare and not _requires_any_setting(desired)):
            return desired
        if self.world.settings_after_write(desired, observed) is None:
            return desired
        is_ours = not self.world.precedence.is_set(observed.settings) or desired.address in self.origins.initially_unset
        added: dict[str, Value] = {}
        for setting in self._settings_to_compare(desired, place):
            cohorts = self.world.cohorts_reached(place)
            needs = {self._value_to_keep(desired, place, setting, cohort, is_ours=is_ours) for cohort in cohorts}
            if len(needs) > 1:
                return self._refuse_different_values(desired, place, setting, cohorts)
            if need := next(iter(needs), None):
                added[setting] = need
        as_asked = all(satisfied(value, observed.settings.get(name)) for name, value in desired.settings.items())
        if as_asked and not is_ours and desired.address not in self.origins.our_objects:
            self.remarks += list(self._remarks_on_unknown_history(desired, place, observed))[:1]
        return add_settings(desired, added)

    def _settings_to_compare(self, desired: Desired, place: LayerPlace) -> list[str]:
        behind = [
            layer for cohort in self.world.cohorts_reached(place) for layer in self.world.weaker_layers(place, cohort)
        ]
        others = (
            name for other in self.desired.values() if self._has_same_key(other, place) for name in other.settings
        )
        table = self.spec.table()
        return sorted((setting_names(behind) | {*others, *desired.settings}) & table.keys())

    def _has_same_key(self, other: Desired, place: LayerPlace) -> bool:
        return other.address in self.places and self.places[other.address].key == place.key

    def _value_to_keep(
        self, desired: Desired, place: LayerPlace, setting: str, cohort: Cohort, *, is_ours: bool
    ) -> Value | None:
        """Return the value to add to an object, so that it does not hide the value of a weaker layer from a cohort.

        Return None if nothing must be added.
        """
        desired_value = desired.settings.get(setting)
        below = self.world.precedence.resolve(setting, self.world.weaker_layers(place, cohort))
        value = below.value if isinstance(below, SettledValue) and is_ours else None
        if not self.spec.table()[setting].at_least:
            return None if setting in desired.settings else value or None
        if setting in desired.settings and not isinstance(desired_value, AtLeast):
            return None  # the playbooks ask for the complete list
        lacking = {*desired_value.lacking} if isinstance(desired_value, AtLeast) else set[str]()
        hidden_entries = {
            entry for other in self._hidden_objects(desired, place, cohort) for entry in _list_entries(other, setting)
        }
        return unique(({*entries(value)} | hidden_entries) - lacking - {*entries(desired_value)}) or None

    def _hidden_objects(self, desired: Desired, place: LayerPlace, cohort: Cohort) -> list[Desired]:
        """Return the other managed objects from which a cohort would get settings if this object did not exist."""
        return [
            other
            for address, other in self.desired.items()
            if address != desired.address
            and self._has_same_key(other, place)
            and self.places[address].rank >= place.rank
            and self.places[address].reaches(cohort.targets)
        ]

    def _refuse_different_values(
        self, desired: Desired, place: LayerPlace, setting: str, cohorts: Sequence[Cohort]
    ) -> Refusal:
        """Return a refusal of an object that would override different values for different people.

        The refusal counts the people with each value.
        """
        counts: Counter[str] = Counter()
        for cohort in cohorts:
            counts[_strongest_layer_name(self.world.weaker_layers(place, cohort))] += cohort.people
        others = {str(other.origin) for cohort in cohorts for other in self._hidden_objects(desired, place, cohort)}
        beside = f"; {' and '.join(sorted(others))} asks for this setting too" if others else ""
        whom = ", ".join(f"{number} have {name}" for name, number in sorted(counts.items()))
        advice = self._advice_on_different_values(desired, place, cohorts)
        reason = f"its {setting} would override different settings of its people: {whom}{beside}. {advice}"
        return Refusal(desired.address, reason, desired.origins.get(setting, desired.origin))

    def _advice_on_different_values(self, desired: Desired, place: LayerPlace, cohorts: Sequence[Cohort]) -> str:
        """Return advice on an object whose people have different values in weaker layers.

        The advice depends on whether they are in several units, or also in another group.
        """
        stacks = [self._hidden_layers(desired, place, cohort) for cohort in cohorts]
        shared = next((layer for layer in stacks[0] if all(layer in stack for stack in stacks)), None)
        own = [other for stack in stacks for other in (stack[: stack.index(shared)] if shared in stack else stack)]
        if not own or any(rank[:1] != place.rank[:1] for rank, _ in own):
            return "Write the setting for each of these units instead, or for a group whose people are all in one unit"
        own_stacks = [stack[: stack.index(shared)] if shared in stack else stack for stack in stacks]
        people = sum(cohort.people for cohort, others in zip(cohorts, own_stacks, strict=True) if others)
        are = "1 of its people is" if people == 1 else f"{people} of its people are"
        names = " and ".join(sorted({name for _, name in own}))
        return f"{are} also reached by {names}. Remove them from one group, or write both settings for the same people"

    def _hidden_layers(self, desired: Desired, place: LayerPlace, cohort: Cohort) -> list[_RankAndName]:
        """Return the layers that an object overrides for a cohort, each with rank and name, the strongest first."""
        layers = {layer.place: layer.name for layer in self.world.weaker_layers(place, cohort)}
        hidden = {
            self.places[other.address]: other.address.name for other in self._hidden_objects(desired, place, cohort)
        }
        return sorted((where.rank, name) for where, name in {**hidden, **layers}.items())

    def _remarks_on_unknown_history(self, desired: Desired, place: LayerPlace, observed: Observed) -> Iterator[Remark]:
        """Yield a remark on each list that lacks entries of the layer below it, if the ledger does not know
        whether toolkit created the list.
        """
        for cohort in self.world.cohorts_reached(place):
            for layer in self.world.weaker_layers(place, cohort)[:1]:
                for setting, value in sorted(layer.settings.items()):
                    lacking = {*entries(value)} - {*entries(observed.settings.get(setting))}
                    if lacking:
                        missing = f"lacks {_format_entry_count(len(lacking))} of its {setting}"
                        line = desired.origins.get(setting, desired.origin)
                        text = (
                            f"replaces {layer.name} and {missing}. {_NOT_REMEMBERED}. If these entries must apply here "
                            f"too, add them at {line}"
                        )
                        yield Remark(desired.address, "", text, is_fulfilled=True)


def add_settings(desired: Desired, additional_settings: Mapping[str, Value]) -> Desired:
    """Return a desired object with some settings and list entries added."""
    settings: dict[str, Value] = dict(desired.settings)
    for setting, value in additional_settings.items():
        desired_value = settings.get(setting)
        if isinstance(value, tuple):
            lacking = desired_value.lacking if isinstance(desired_value, AtLeast) else ()
            if value:
                settings[setting] = AtLeast(unique((*entries(desired_value), *value)), lacking)
        else:
            settings[setting] = value
    return replace(
        desired, settings=settings, origins={**dict.fromkeys(additional_settings, desired.origin), **desired.origins}
    )


def _requires_any_setting(desired: Desired) -> bool:
    """Return whether the playbooks require an object to have any setting.

    A list that must only lack certain entries does not count.
    """
    return any(not isinstance(value, AtLeast) or value.items for value in desired.settings.values())


def _list_entries(desired: Desired, setting: str) -> tuple[str, ...]:
    return entries(desired.settings.get(setting))


def _strongest_layer_name(layers: Sequence[Layer]) -> str:
    return layers[0].name if layers else "nothing set"


def _format_entry_count(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"

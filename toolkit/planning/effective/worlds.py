"""The layers of settings that decide which settings people get, now and after some changes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from toolkit.sdk.connector import Connection
from toolkit.sdk.precedence import Cohort, EffectiveValue, Layer, LayerPlace, Precedence, PrecedenceInputs
from toolkit.sdk.resource import Desired, Observed
from toolkit.values import Settings


@dataclass(slots=True)
class SettingLayers:
    """The layers of settings in a tenant, each at a place such as a unit or group.

    `set_layer` changes the layer at a place.
    """

    precedence: Precedence[Connection]
    cohorts: Sequence[Cohort]
    by_place: dict[LayerPlace, Layer] = field(default_factory=dict)

    @classmethod
    def from_tenant(cls, precedence: Precedence[Connection], inputs: PrecedenceInputs) -> "SettingLayers":
        """Return the layers that the tenant has now."""
        return cls(precedence, count_cohorts(inputs), {layer.place: layer for layer in inputs.layers})

    def copy(self) -> "SettingLayers":
        """Return a copy of the layers, so that a change to the copy does not affect the original."""
        return SettingLayers(self.precedence, self.cohorts, dict(self.by_place))

    def set_layer(self, place: LayerPlace, desired: Desired, observed: Observed | None) -> None:
        """Replace the layer at an object's place by the object's settings.

        If the object has no settings, remove the layer.
        """
        self.by_place.pop(place, None)
        settings = self.settings_after_write(desired, observed)
        if settings is not None:
            self.by_place[place] = Layer(place, desired.address.name, settings, desired.address)

    def settings_after_write(self, desired: Desired, observed: Observed | None) -> Settings | None:
        """Return the settings that an object will have after the run, without inherited settings.

        Return None if it will have none.
        """
        return self.precedence.settings_after_write(desired.settings, observed.settings if observed else {})

    def cohorts_reached(self, place: LayerPlace) -> list[Cohort]:
        """Return the cohorts to which an object at this place applies."""
        return [cohort for cohort in self.cohorts if place.reaches(cohort.targets)]

    def layers_for(self, layer_key: str, cohort: Cohort) -> list[Layer]:
        """Return the layers with a given key that apply to a cohort, the strongest first."""
        return layers_reaching((layer for place, layer in self.by_place.items() if place.key == layer_key), cohort)

    def weaker_layers(self, place: LayerPlace, cohort: Cohort) -> list[Layer]:
        """Return the layers that apply to a cohort and that the layer at the given place overrides."""
        return [
            layer
            for layer in self.layers_for(place.key, cohort)
            if layer.place.rank >= place.rank and layer.place != place
        ]

    def effective_value(self, key: str, setting: str, cohort: Cohort) -> EffectiveValue:
        return self.precedence.resolve(setting, self.layers_for(key, cohort))


def setting_names(layers: Iterable[Layer]) -> frozenset[str]:
    """Return the names of the settings that at least one of the layers sets."""
    return frozenset(name for layer in layers for name in layer.settings)


def count_cohorts(inputs: PrecedenceInputs) -> tuple[Cohort, ...]:
    """Count the people in each combination of units and groups for which there are settings."""
    places = (*(layer.place for layer in inputs.layers), *inputs.places.values())
    named = frozenset[str]().union(*(place.included | place.excluded for place in places))
    counted = Counter({named & targets: 0 for targets in inputs.empty})
    counted.update(named.intersection(targets) for targets in inputs.people)
    return tuple(
        Cohort(targets, number)
        for targets, number in sorted(counted.items(), key=lambda counted_item: sorted(counted_item[0]))
    )


def layers_reaching(layers: Iterable[Layer], cohort: Cohort) -> list[Layer]:
    """Return the layers that apply to a cohort, the strongest first."""
    return sorted(
        (layer for layer in layers if layer.place.reaches(cohort.targets)), key=lambda layer: layer.place.rank
    )

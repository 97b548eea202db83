"""Cohorts: people counted by the units and groups that anything refers to, so that a trust needs no more memory."""

from collections import Counter
from collections.abc import Iterable

from toolkit.sdk.precedence import Cohort, Layer, Scene


def count_cohorts(scene: Scene) -> tuple[Cohort, ...]:
    """Count the people of each combination of those units and groups that a layer or an object names."""
    places = (*(layer.place for layer in scene.layers), *scene.places.values())
    named = frozenset[str]().union(*(place.included | place.excluded for place in places))
    counted = Counter({named & targets: 0 for targets in scene.empty})
    counted.update(named.intersection(targets) for targets in scene.people)
    return tuple(Cohort(targets, number) for targets, number in sorted(counted.items(), key=lambda one: sorted(one[0])))


def reaching(layers: Iterable[Layer], cohort: Cohort) -> list[Layer]:
    """List the layers that reach a cohort, the first before the others."""
    return sorted((layer for layer in layers if layer.place.reaches(cohort.targets)), key=lambda one: one.place.rank)

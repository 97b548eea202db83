"""Says how near what a control asks for is to what there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.planning.change import Update
from toolkit.planning.draft import AnyKind
from toolkit.planning.plan import Plan
from toolkit.sdk.address import EVERY
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired, Observed
from toolkit.values import AtLeast, entries

_NOT_THERE = 1000
"""What an object that is not there counts, beside settings that differ."""


@dataclass(frozen=True, slots=True)
class ControlScore:
    """What came of one way to write a control."""

    cost: int  # 0: it fits
    wanted: Sequence[Desired] = ()
    seen: Mapping[str, Sequence[Observed]] = field(default_factory=dict)  # by kind

    def there(self, desired: Desired) -> list[Observed]:
        """Find what an object that is asked for is in the tenant; of every object, all of them."""
        name = desired.address.name.casefold()
        objects = self.seen.get(desired.address.of_kind, ())
        return [one for one in objects if name in (EVERY, one.address.name.casefold())]


IMPOSSIBLE = ControlScore(10**9)


def distance(plan: Plan) -> int:
    """Count the settings that differ, and much more for objects that are not there or not to be judged."""
    aside = len(plan.unknown) + len(plan.refused) + len(plan.look_alikes) + len(plan.left) + len(plan.changes)
    differing = sum(len(one.fields) if isinstance(one, Update) else _NOT_THERE for one in plan.watched)
    return differing + _NOT_THERE * aside


def beside(desired: Desired, tried: ControlScore) -> int:
    """Count what the objects have beside what is asked of them: entries of lists, and settings of what is always there.

    An object that a control makes has what its service fills in, which is no one's choice.
    """
    kind, there = kind_of(desired), tried.there(desired)
    if desired.address.name == EVERY:
        return 0
    others = sum(_others(desired, path, one) for one in there for path in desired.settings)
    if not kind.fixed or kind.per_person:
        return others
    said = {path for one in there for path, value in one.settings.items() if value not in (None, False)}
    return others + len(said - desired.settings.keys())


def _others(desired: Desired, path: str, there: Observed) -> int:
    value = desired.settings[path]
    return len(set(entries(there.settings.get(path))) - set(value.items)) if isinstance(value, AtLeast) else 0


def whole(desired: Desired, tried: ControlScore) -> frozenset[str]:
    """List the settings of every object that are as asked, without entries of others."""
    there = tried.there(desired)
    return frozenset(path for path in desired.settings if not any(_others(desired, path, one) for one in there))


def is_set(tried: ControlScore) -> bool:
    """Say whether anything of a control is as it would set it; what is only looked at says nothing of the rest."""
    return any(tried.there(one) and not kind_of(one).read_only for one in tried.wanted)


def kind_of(desired: Desired) -> AnyKind:
    return kinds(desired.address.provider)[desired.address.kind]


def is_lent(desired: Desired) -> bool:
    return kind_of(desired).lent

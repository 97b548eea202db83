"""Drawn schools with units, groups and lists: each person looked at alone, against what the cohorts say."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import pytest

from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.precedence.chrome_policies import PRECEDENCE
from toolkit.planning.effective.findings import PeopleComparison
from toolkit.planning.effective.join import LayerJoin, Origins
from toolkit.planning.effective.worlds import SettingLayers
from toolkit.sdk.precedence import Layer, LayerPlace, PrecedenceInputs
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Remote
from toolkit.values import AtLeast, Settings, Value, effective, entries, unique

LIST, WORD, KEY = "url_blocklist", "incognito_mode_availability", "a policy"
UNITS: Mapping[str, tuple[str, ...]] = {
    "/": ("/",), "/A": ("/", "/A"), "/A/B": ("/", "/A", "/A/B"), "/A/C": ("/", "/A", "/A/C"), "/D": ("/", "/D"),
}  # fmt: skip
GROUPS = ("g1", "g2", "g3")
WORLDS = 600


@dataclass(frozen=True)
class Drawn:
    """One school: who is where, what others set, and what the playbooks ask for."""

    people: tuple[tuple[str, frozenset[str]], ...]  # each one's unit and groups
    theirs: Mapping[str, Settings]  # by unit or group
    asked: Mapping[str, Settings]


def draw(random: Random) -> Drawn:
    entries_of = [f"{letter}.example" for letter in "abcdef"]

    def settings(*, ours: bool) -> Settings:
        some = unique(random.sample(entries_of, random.randint(1, 3)))
        listed: Value = AtLeast(some) if ours and random.random() < 0.8 else some
        found: dict[str, Value] = {LIST: listed} if random.random() < 0.8 else {}
        return found | ({WORD: random.choice(["AVAILABLE", "FORCED"])} if not found or random.random() < 0.4 else {})

    def chosen(share: float) -> list[str]:
        return [target for target in (*UNITS, *GROUPS) if random.random() < share]

    people = tuple(
        (random.choice([*UNITS]), frozenset(one for one in GROUPS if random.random() < 0.3))
        for _ in range(random.randint(1, 12))
    )
    theirs = {target: settings(ours=False) for target in chosen(0.4)}
    return Drawn(people, theirs, {target: settings(ours=True) for target in chosen(0.35)})


def order(drawn: Drawn) -> list[str]:
    """Put groups that hold something first, as the service does."""
    return sorted(GROUPS, key=lambda one: (one not in drawn.theirs, one))


def gets(person: tuple[str, frozenset[str]], at: Mapping[str, Settings], groups: list[str]) -> Settings:
    """Give what one person gets: of the first group that has any, else of the nearest unit."""
    unit, members = person
    nearest = [*(one for one in groups if one in members), *reversed(UNITS[unit])]
    return next((at[target] for target in nearest if target in at), {})


def place(target: str, groups: list[str]) -> LayerPlace:
    if target in UNITS:
        return LayerPlace(KEY, frozenset({target}), (1, -len(UNITS[target])))
    return LayerPlace(KEY, frozenset({target}), (0, groups.index(target)))


def shown(target: str, theirs: Mapping[str, Settings]) -> Settings:
    """Give what the service shows at a target: its own, else what it inherits; a group has nothing else."""
    if target in theirs:
        return theirs[target]
    above = next((theirs[one] for one in reversed(UNITS.get(target, ())) if one in theirs), {})
    return {**above, "inherited": True}


class Planned:
    """What the product makes of a drawn school."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn, self.groups = drawn, order(drawn)
        self.places = {target: place(target, self.groups) for target in (*UNITS, *GROUPS)}
        asked = {target: Address("google_workspace", "chrome_policy", target) for target in drawn.asked}
        wanted = {
            asked[target]: Desired(asked[target], settings, {}, Origin("10.yaml", number))
            for number, (target, settings) in enumerate(drawn.asked.items())
        }
        observed = {
            address: Observed(address, shown(target, drawn.theirs), Remote(target, target, {}))
            for target, address in asked.items()
        }
        layers = tuple(Layer(self.places[one], one, of, asked.get(one)) for one, of in drawn.theirs.items())
        everyone = [frozenset(UNITS[unit]) | groups for unit, groups in drawn.people]
        scene = PrecedenceInputs(everyone, [], layers, {address: self.places[one] for one, address in asked.items()})
        today = SettingLayers.from_tenant(PRECEDENCE, scene)  # type: ignore[arg-type]
        join = LayerJoin(today.copy(), scene.places, wanted, observed, Origins((), wanted), ChromePolicy)
        join.add_hidden_settings()
        self.refused = {one.address.name for one in join.refused}
        self.desired = {address.name: one for address, one in join.joined_objects.items()}
        written = frozenset(join.joined_objects)
        after = today.copy()
        for address, desired in join.joined_objects.items():
            after.set_layer(scene.places[address], desired, observed[address])
        self.comparison = PeopleComparison(after, scene.places, wanted, written)
        self.comparison.compare_settings()
        self.refused |= {one.address.name for one in self.comparison.refusals()}

    def tenant(self) -> Mapping[str, Settings]:
        """Give what is set where once everything that was not refused is written, as the connector sends it."""
        at = dict(self.drawn.theirs)
        for target, desired in self.desired.items():
            if target in self.refused:
                continue
            before = shown(target, self.drawn.theirs)
            after = {**before, **{name: effective(one, before.get(name)) for name, one in desired.settings.items()}}
            if after != before:
                at[target] = {name: value for name, value in after.items() if name != "inherited"}
        return at


@pytest.mark.parametrize("seed", range(6))
def test_nobody_loses_what_others_gave_them_and_no_part_of_ours_fails_in_silence(seed: int) -> None:
    random = Random(seed)
    refusals = 0
    for _ in range(WORLDS // 6):
        drawn = draw(random)
        planned = Planned(drawn)
        refusals += len(planned.refused)
        at = planned.tenant()
        defeated = {one.address.name for one in planned.comparison.remarks()}
        for person in drawn.people:
            now, then = gets(person, drawn.theirs, planned.groups), gets(person, at, planned.groups)
            reaching = {one: of for one, of in drawn.asked.items() if one in UNITS[person[0]] or one in person[1]}
            whole = {name for of in reaching.values() for name, one in of.items() if not isinstance(one, AtLeast)}
            assert LIST in whole or {*entries(now.get(LIST))} <= {*entries(then.get(LIST))}
            assert WORD in whole or now.get(WORD) == then.get(WORD)
            for target, of in reaching.items():
                if target in planned.refused | defeated or target not in at:
                    continue  # what inherits all that it asks for is written by the run that finds that it does not
                stronger = planned.refused & reaching.keys()
                asked = {*entries(of.get(LIST))}
                assert stronger or asked <= {*entries(then.get(LIST))}, (drawn, target, person)
                assert stronger or WORD not in of or of[WORD] == then.get(WORD), (drawn, target, person)
    assert refusals

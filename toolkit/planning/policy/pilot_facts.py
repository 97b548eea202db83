"""Says what a pilot means for a clause: whoever is not in it has nothing of the control yet; pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from toolkit.planning.plan import RealisedControl
from toolkit.planning.policy.fact import PLAYBOOKS_SAY, Fact, FactVerdict
from toolkit.yaml.messages import day


def first_for_some(
    realised: Iterable[RealisedControl], names: Collection[str] | None, titles: Mapping[str, str]
) -> Iterator[Fact]:
    """Give a fact for each cloud on which a control is in a pilot; what the clause does not rest on is left out."""
    for one in realised:
        pilot = one.pilot
        parts = [p for p in one.realisation.parts if (names is None or p.name in names) and (p.resources or p.waits)]
        if pilot is None or pilot.over or not parts:
            continue
        some = any(part.resources for part in parts)
        has = f"only {pilot.role} have it, {pilot.reach}" if some else "nobody has it before that day"
        yield Fact(
            verdict=FactVerdict.FAILS,
            reason=f"{one.control} on {titles.get(one.provider, one.provider)} is in a pilot until {day(pilot.until)}: "
            f"{has}",
            says=PLAYBOOKS_SAY,
            provider=one.provider,
            control=one.control,
        )

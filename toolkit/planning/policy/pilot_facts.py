"""Says what a pilot means for a clause: the person who is not in it has nothing of the control yet."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from toolkit.planning.plan import RealisedControl
from toolkit.planning.policy.fact import PLAYBOOKS_SAY, Fact
from toolkit.sdk.reason import About, ReasonCode
from toolkit.sdk.verdict import PartOutcome
from toolkit.yaml.messages import day

_SOME_HAVE_IT = ReasonCode(
    "pilot_for_some",
    admin="{about} is in a pilot until {until}: only {role} have it, {reach}",
    governor="in a pilot{about} until {until}: only {people} have it",
)
_NO_ONE_HAS_IT = ReasonCode(
    "pilot_for_no_one",
    admin="{about} is in a pilot until {until}: it reaches no one before that date",
    governor="in a pilot{about} until {until}: no one has it before that date",
)


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
        code = _SOME_HAVE_IT if some else _NO_ONE_HAS_IT
        about = About(control=one.control, cloud=titles.get(one.provider, one.provider))
        yield Fact(
            outcome=PartOutcome.DIFFERS,
            reason=code(
                about=about,
                until=day(pilot.until),
                role=pilot.role,
                people=pilot.role.replace("_", " "),
                reach=str(pilot.reach),
            ),
            says=PLAYBOOKS_SAY,
            provider=one.provider,
            control=one.control,
        )

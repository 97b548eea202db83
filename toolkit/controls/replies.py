"""Parts of the controls for replies to absences and holidays, the same for every cloud."""

from collections.abc import Callable, Mapping
from datetime import datetime

from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.sdk.address import person_code
from toolkit.sdk.part import ControlContext, Level, Part, Resource
from toolkit.sdk.signals import Due
from toolkit.values import Json

Make = Callable[[Due], Resource]
_GIVEN_BACK = "the words that were kept for a reply that was off are given back, without what formatted them"


def away_part(wanted: OutOfOffice, context: ControlContext, make: Make, limits: tuple[str, ...] = ()) -> Part:
    """Set replies where that is asked for; else count who has none."""
    sets = wanted.act == "set"
    asked = [one for one in context.signals.due if sets and _is_asked(one)]
    spared = {address.casefold() for address in context.school.protected.accounts}
    return Part(
        name="automatic replies",
        level=Level.ENFORCED if sets else Level.CHECKED,
        covers=f"whoever is away for more than {_days(wanted.after_working_days)}, by their calendar"
        + (" or the file of absences" if wanted.absences else ""),
        reason="" if sets else "`toolkit check` counts who has no reply",
        limits=(
            "who keeps no calendar and stands in no file is not seen",
            "of several absences the next one counts",
            *(["words of people's own stay; where they end too early only the end is moved"] if sets else []),
            *(["whoever turns off what was set is not asked again for that absence"] if sets else []),
            *([_GIVEN_BACK] if sets else []),
            *limits,
        ),
        resources=tuple(make(one) for one in asked if one.person.address.casefold() not in spared),
    )


def _is_asked(due: Due) -> bool:
    """Ask for what is missing, and for what is ours while it lasts; whoever turned ours off has decided."""
    return (not due.covered or due.ours) and not due.declined


def closure_part(context: ControlContext, make: Make) -> Part:
    """Set a reply on each mailbox that has no words of its own for the holiday."""
    asked = [one for one in context.signals.due if one.own is None and not one.declined]
    return Part(
        name="closure replies",
        level=Level.ENFORCED,
        covers="the named mailboxes, from the last day before a holiday to the first morning back",
        limits=(
            "words of a mailbox's own stay",
            "an address without an account on this cloud is left out",
            _GIVEN_BACK,
        ),
        resources=tuple(make(one) for one in asked),
    )


def whose(wanted: OutOfOffice, due: Due) -> str:
    """Call somebody who is away as the playbook allows it."""
    return due.person.address if wanted.names == "listed" else f"a person who is away ({person_code(due.person.id)})"


def only_times(due: Due) -> Mapping[str, Json]:
    """Say when a reply is on; of a reply with words of its owner's only what is too short is moved."""
    begins, ends = due.begins, due.ends
    if due.own is not None:
        begins = min(due.own.begins or begins, begins)
        ends = max(due.own.ends or ends, ends)
    return {"status": "scheduled", "begins": _instant(begins), "ends": _instant(ends)}


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"

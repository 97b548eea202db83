"""The command `toolkit audit at`."""

from datetime import UTC, datetime

import click

from toolkit.cli.shared.options import json_option, read_date
from toolkit.errors import UsageError


def _read_moment(text: str) -> datetime:
    """Return the moment of a date (its beginning) or of a date with a time, in UTC."""
    if "T" not in text and ":" not in text:
        day = read_date(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise click.BadParameter(f"{text!r} is not a date and a time, such as 2026-11-14T15:30") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.argument("moment", metavar="DATE", type=_read_moment)
@click.argument("subject", metavar="[CLAUSE|RESOURCE]", required=False, default="")
@click.option(
    "--for", "group", metavar="GROUP", default="", help="Only objects whose settings name this group or unit."
)
@json_option
def at(*, moment: datetime, subject: str, group: str, as_json: bool) -> None:
    r"""Show the settings on a past date, and who changed them since.

    The answer is the last reading before DATE, which is the beginning of a date or a time such as 2026-11-14T15:30, in
    UTC. Only the ledger is read, and no tenant. RESOURCE is an address or a name. The ledger has the settings that
    toolkit wrote and the differences that `toolkit drift` recorded. It has no record of the time between two readings.
    Holds are left out.

    \b
    Exit codes:
      0  the ledger has a record of the subject, or no subject is given
      2  the ledger has no record of the subject

    \b
    Example: toolkit audit at 2026-11-14
             toolkit audit at 2026-11-14 EML-04
             toolkit audit at 2026-11-14T15:30 "microsoft365.transport_rule[School disclaimer]"
             toolkit audit at 2026-11-14 --for all-pupils@example-primary.example
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show_report
    from toolkit.drift.past_text import past_answer, past_lines
    from toolkit.ledger.fingerprints import Pseudonyms
    from toolkit.ledger.past_state import names_of_people, read_past_state, select_subject

    if subject and group:
        raise UsageError("write a clause, a resource or --for GROUP, but not two of them")
    with opened_ledger() as (settings, ledger):
        entries = [entry for _, entry in ledger.entries()] if ledger.exists() else []
        state = select_subject(read_past_state(entries, moment), subject, group)
        stored_names = Pseudonyms(ledger) if entries else None
        names = {
            pseudonym: name
            for pseudonym in names_of_people(state)
            if stored_names and (name := stored_names.address(pseudonym))
        }
    lines = past_lines(state, names, whole=not (subject or group))
    show_report(past_answer(state, settings.target, names), lines, as_json=as_json)

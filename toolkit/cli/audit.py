"""toolkit audit"""

import sys

import click

from toolkit.cli._options import json_option
from toolkit.errors import Exit


@click.group()
def command() -> None:
    r"""Read the ledger: what was done, when, and whether the record is sound.

    \b
    Example: toolkit audit log
             toolkit audit verify
    """


@command.command()
@click.option("--run", metavar="RUN", help="Only this run, with everything it did; the beginning of its id is enough.")
@click.option("--address", metavar="ADDRESS", help="Only what was done to this object.")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many runs, newest first.",
)
@json_option
def log(*, run: str | None, address: str | None, last: int, as_json: bool) -> None:
    r"""List the runs that the ledger holds, newest first, and what they did.

    \b
    Example: toolkit audit log
             toolkit audit log --run 3f2a
             toolkit audit log --address "microsoft365.transport_rule[School disclaimer]"
    """
    from toolkit.cli._audit import chosen, opened
    from toolkit.cli._terminal import show, show_json
    from toolkit.report.audit_answer import runs_answer
    from toolkit.report.audit_text import run_lines

    with opened() as (settings, ledger):
        runs, none = chosen(ledger, run=run, address=address, last=last)
    if as_json:
        show_json(runs_answer(runs, settings.target))
    elif runs:
        show(run_lines(runs, steps=bool(run or address)))
    else:
        click.echo(none)


@command.command()
@json_option
def verify(*, as_json: bool) -> None:
    r"""Follow the whole chain of entries and name everything that is not as it was written.

    Ends with 0 when the ledger is sound, or when there is none yet, and 1 when it is not sound.

    \b
    Example: toolkit audit verify
    """
    from toolkit.cli._audit import opened, place
    from toolkit.cli._terminal import show, show_json
    from toolkit.record.verify import verify as check
    from toolkit.report.audit_answer import verified_answer
    from toolkit.report.audit_text import verified_lines

    with opened() as (settings, ledger):
        checked = check(ledger)
        where = place(ledger)
    if as_json:
        show_json(verified_answer(checked, settings.target))
    else:
        show(verified_lines(checked, where))
    sys.exit(Exit.AS_WANTED if checked.sound else Exit.FAILED)


@command.command()
def rebuild() -> None:
    r"""Make the tables that follow from the ledger's entries anew; the entries themselves are never touched.

    \b
    Example: toolkit audit rebuild
    """
    from toolkit.cli._audit import opened
    from toolkit.record.rebuild import rebuild as make_anew

    with opened() as (_, ledger):
        if not ledger.exists():
            click.echo("nothing is recorded yet")
            return
        make_anew(ledger)
    click.echo("the tables follow from the entries again")

"""The command `toolkit withdraw`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import (
    json_option,
    override_option,
    playbooks_or,
    quiet_option,
    selecting_and_limiting,
    verbose_option,
)
from toolkit.engine.selection import Selection


@click.command()
@playbooks_or("[PLAYBOOKS|PLANFILE]")
@json_option
@quiet_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save the plan and write nothing to a tenant.",
)
@verbose_option
@override_option
@selecting_and_limiting
def command(
    playbooks: Path,
    *,
    as_json: bool,
    quiet: bool,
    yes: bool,
    output: Path | None,
    verbose: bool,
    override: str,
    selection: Selection,
) -> None:
    r"""Remove everything that toolkit manages from the tenants.

    Objects that toolkit made are deleted, and changed settings get back the value recorded in the ledger. Holds,
    retention and audit settings stay, and so do settings that were later changed by hand. Everything that stays is
    listed with its reason. Only the school file is read. The plan is shown, limited, confirmed and recorded like a plan
    of apply. Stop the scheduled jobs first. Otherwise, the next job sets replies again.

    PLANFILE is a plan that `toolkit withdraw -o PLANFILE` saved. Exactly that plan is applied.

    \b
    Exit codes:
      0  everything is removed, except the listed objects and settings
      1  a change failed
      2  the command line, a setting or the school file is wrong
      3  with -o: changes are pending
      4  something could not be read
      5  refused: a limit (with -o too), a window or a freeze; the message
         says how to go on

    \b
    Example: toolkit withdraw playbooks/ -o leaving.plan
             toolkit withdraw leaving.plan
             toolkit withdraw playbooks/ --yes --allow-deletes 40
    """
    from toolkit import api
    from toolkit.api.school_files import load_school
    from toolkit.cli.shared.run import make_confirmation, plan_key, surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.errors import UsageError
    from toolkit.render.plan_file import find_plan, save_plan
    from toolkit.render.withdraw_text import withdrawal_lines

    saved = find_plan(playbooks, "withdraw")
    if saved and output:
        raise UsageError(f"{playbooks} is a saved plan: leave out --output to apply it")
    with surroundings() as around:
        settings = around["settings"]
        written_in = saved.find_playbooks(settings.folder.path) if saved else playbooks
        school = load_school(written_in, selection)
        key = plan_key(school, around) if output else None
        ask = (
            None
            if output
            else make_confirmation(around["progress"], yes=yes, as_json=as_json, quiet=quiet, verbose=verbose)
        )
        report = api.withdraw(
            school,
            confirm=ask,
            selection=selection,
            saved_plan=playbooks if saved else None,
            override=override,
            **around,
        )
        if output:
            save_plan(
                report, output, written_in, school=settings.folder.path, redactor=settings.redactor, signing_key=key
            )
    lines = withdrawal_lines(report, is_planned=bool(output), verbose=verbose)
    show_answer(report.to_dict(), lines, as_json=as_json, quiet=quiet)
    sys.exit(report.exit)

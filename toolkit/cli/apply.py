"""The command `toolkit apply`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import (
    json_option,
    override_option,
    playbooks_or,
    quiet_option,
    selecting_limiting_and_pruning,
    verbose_option,
)
from toolkit.engine.selection import Selection


@click.command()
@playbooks_or("[PLAYBOOKS|PLANFILE]")
@json_option
@quiet_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "--playbooks",
    "plan_playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="PLAYBOOKS",
    help="With PLANFILE: the present folder of its playbooks.",
)
@click.option("--review", metavar="URL", default="", help="With PLANFILE: the pull request whose review approves it.")
@verbose_option
@override_option
@selecting_limiting_and_pruning
def command(
    playbooks: Path,
    *,
    as_json: bool,
    quiet: bool,
    yes: bool,
    verbose: bool,
    plan_playbooks: Path | None,
    override: str,
    review: str,
    selection: Selection,
) -> None:
    r"""Make the tenants match the playbooks or a saved plan.

    The command shows the plan, asks for confirmation, writes the changes, and reads them back. A second run changes
    nothing.

    PLANFILE is a plan that `toolkit plan -o PLANFILE` saved. Exactly that plan is applied. It is refused if the file
    was edited, or if the tenant or the playbooks have changed since. The message then shows the difference.

    --review reads the pull request from GitHub with the token in TOOLKIT_FORGE_TOKEN. An approval of its newest commit
    by a person whom the school file lists (`reviews:`) approves the plan. The ledger records it as GitHub's word.

    \b
    Exit codes:
      0  everything is done
      1  a change failed
      2  the command line, a setting or a playbook is wrong
      4  something could not be read
      5  refused: a limit, a window or a freeze; the message says how to go on

    \b
    Example: toolkit apply playbooks/
             toolkit apply monday.plan
             toolkit apply playbooks/ --override "the head asked for it today"
             toolkit apply playbooks/ --prune
    """
    from toolkit import api
    from toolkit.cli.shared.run import make_confirmation, surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.plan_file import find_plan
    from toolkit.render.plan_text import outcome_lines

    saved = find_plan(playbooks, "apply", plan_playbooks)
    if review and not saved:
        raise click.UsageError("--review approves a saved plan. Name the PLANFILE")
    with surroundings() as around:
        folder = around["settings"].folder.path
        written_in = saved.find_playbooks(folder, plan_playbooks) if saved else playbooks
        report = api.apply(
            api.load(written_in, selection),
            confirm=make_confirmation(around["progress"], yes=yes, as_json=as_json, quiet=quiet, verbose=verbose),
            selection=selection,
            saved_plan=playbooks if saved else None,
            override=override,
            review=review,
            **around,
        )
    show_answer(report.to_dict(), outcome_lines(report), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)

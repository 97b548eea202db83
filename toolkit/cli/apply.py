"""toolkit apply"""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, override_option, playbooks_or, selecting_limiting_and_pruning
from toolkit.engine.selection import Selection


@click.command()
@playbooks_or("[PLAYBOOKS|PLANFILE]")
@json_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "--playbooks",
    "plan_playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="PLAYBOOKS",
    help="With PLANFILE: where its playbooks are now.",
)
@override_option
@selecting_limiting_and_pruning
def command(
    playbooks: Path,
    *,
    as_json: bool,
    yes: bool,
    plan_playbooks: Path | None,
    override: str,
    selection: Selection,
) -> None:
    r"""Make the tenants agree with the playbooks, or with a plan that was reviewed.

    Shows the plan, asks, writes, and reads back what it wrote. Run again, it changes nothing. Ends with 0 when all
    is done, 1 when something failed, 4 when something could not be read, 5 when something was refused: over a limit, or
    outside the windows of the school file, where it says when they open next.

    A plan of `toolkit plan -o PLANFILE` is applied exactly as it was shown. It is refused with 5 when the tenant or the
    playbooks changed since, naming what differs, and with 2 when the file was edited. It finds its playbooks in the
    school's folder; when they were moved, say where they are with --playbooks.

    \b
    Example: toolkit apply playbooks/
             toolkit apply monday.plan
             toolkit apply playbooks/ --override "the head asked for it today"
             toolkit apply playbooks/ --prune
    """
    from toolkit import api
    from toolkit.cli.shared.run import confirmation, surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.errors import UsageError
    from toolkit.render.answer import answer
    from toolkit.render.plan_file import is_plan_file, read_plan_file
    from toolkit.render.plan_text import outcome_lines

    saved = read_plan_file(playbooks) if is_plan_file(playbooks) else None
    if plan_playbooks and not saved:
        message = f"--playbooks says where the playbooks of a saved plan are, and {playbooks} is no saved plan"
        raise UsageError(message)
    with surroundings() as around:
        folder = around["settings"].folder.path
        written_in = (plan_playbooks or saved.find_playbooks(folder)) if saved else playbooks
        report = api.apply(
            api.load(written_in),
            confirmation(around["progress"], yes=yes, quiet=as_json),
            selection,
            saved_plan=playbooks if saved else None,
            override=override,
            **around,
        )
    show_answer(answer(report), outcome_lines(report), as_json=as_json)
    sys.exit(report.exit)

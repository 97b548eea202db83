"""The command `toolkit plan`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import (
    json_option,
    playbooks_argument,
    quiet_option,
    selecting_limiting_and_pruning,
    verbose_option,
)
from toolkit.engine.selection import Selection


@click.command()
@playbooks_argument
@json_option
@quiet_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Save the plan for `toolkit apply`."
)
@verbose_option
@selecting_limiting_and_pruning
def command(
    playbooks: Path, *, as_json: bool, quiet: bool, output: Path | None, verbose: bool, selection: Selection
) -> None:
    r"""Show the changes that apply would make.

    Nothing is written. Changes that need attention come first. Many changes are shown in a line for each control, and
    -v lists each object.

    \b
    Exit codes:
      0  nothing to do
      3  changes are pending
      4  something could not be read
      5  a change is refused

    \b
    Example: toolkit plan playbooks/ -o monday.plan
             toolkit plan playbooks/ -v | less
             toolkit plan playbooks/ --prune
    """
    from toolkit import api
    from toolkit.cli.shared.run import plan_key, surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.plan_file import save_plan
    from toolkit.render.plan_text import plan_lines

    with surroundings() as around:
        loaded = api.load(playbooks, selection)
        key = plan_key(loaded, around) if output else None
        report = api.plan(loaded, selection=selection, **around)
        if output:
            settings = around["settings"]
            save_plan(
                report, output, playbooks, school=settings.folder.path, redactor=settings.redactor, signing_key=key
            )
    show_report(report.to_dict(), plan_lines(report, verbose=verbose), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)

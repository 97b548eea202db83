"""toolkit rollback"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import Selection, default_playbooks, json_option, override_option, selecting_and_limiting


@click.command()
@click.argument("run")
@click.argument(
    "playbooks", type=click.Path(exists=True, path_type=Path), metavar="[PLAYBOOKS]", default=default_playbooks
)
@json_option
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--even-if-changed", is_flag=True, help="Put back also what somebody changed since that run.")
@override_option
@selecting_and_limiting
def command(
    run: str, playbooks: Path, *, as_json: bool, yes: bool, even_if_changed: bool, override: str, selection: Selection
) -> None:
    r"""Bring the tenants back to before a run: RUN is its id, as `toolkit audit log` shows it, or `last`.

    What the run made is deleted, what it deleted is made again, what it changed gets the values that it had before.
    What somebody changed since is a conflict and left as it is. Of PLAYBOOKS only the school file is read, so that
    mistakes in the others do not stand in the way. The plan is shown, limited, asked and recorded as that of `apply`,
    keeps to windows and freezes like it, and can be rolled back itself. Revert the playbooks too: the next apply makes
    the tenants agree with them again.

    \b
    Example: toolkit rollback last
             toolkit rollback 3f2a playbooks/ --yes
             toolkit rollback last --override "mail to parents is rejected"
    """
    from toolkit.cli._rollback import rolled_back
    from toolkit.cli._terminal import show_json
    from toolkit.render.answer import answer

    report = rolled_back(
        run, playbooks, selection, yes=yes, quiet=as_json, even_if_changed=even_if_changed, override=override
    )
    if as_json:
        show_json({**answer(report), "rolls_back": report.context.asked[1]})
    sys.exit(report.exit)

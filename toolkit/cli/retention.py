"""toolkit retention"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import default_playbooks, json_option, override_option


@click.group()
def command() -> None:
    r"""Start what no run does: keep something for less long, or have it deleted when its time has come.

    plan and apply refuse whatever weakens what keeps evidence, and name the command that starts it.

    \b
    Example: toolkit retention start "Old mail"
    """


@command.command()
@click.argument("ref", metavar="REF")
@click.argument(
    "playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="[PLAYBOOKS]",
    required=False,
    default=default_playbooks,
)
@json_option
@click.option("--yes", is_flag=True, help="Do not ask on the emulated tenants; on live ones it is asked all the same.")
@override_option
def start(ref: str, playbooks: Path, *, as_json: bool, yes: bool, override: str) -> None:
    r"""Make the one change that plan refuses for REF, an object's address or name, and nothing else.

    It can delete what nobody can bring back. It says what it reaches and what becomes of that, and writes nothing
    while that is unknown, or while somebody whose things it reaches is on hold, or while holds cannot be read: what
    these need is at the end of what `toolkit permissions` lists. It keeps to the windows and freezes of the school
    file, as apply does. Then the school's short name has to be typed. Holds are never touched. PLAYBOOKS is the
    directory playbooks unless said.

    Ends with 0 when it is done or was before, 1 when it failed, 4 when something could not be read, 5 when it was
    refused, has to wait for a window, or was not confirmed.

    \b
    Example: toolkit retention start "Old mail" playbooks/
             toolkit retention start "microsoft365.retention_policy[Old mail]"
    """
    from toolkit.cli._retention import started
    from toolkit.cli._terminal import show_json
    from toolkit.render.start_text import start_answer

    outcome = started(ref, playbooks, yes=yes, quiet=as_json, override=override)
    if as_json:
        show_json(start_answer(outcome))
    sys.exit(outcome.report.exit)

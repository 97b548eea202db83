"""toolkit retention"""

import getpass
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import json_option, override_option, playbooks_argument

if TYPE_CHECKING:
    from toolkit.engine.retention_start import Started


@click.group()
def command() -> None:
    r"""Start what no run does: keep something for less long, or have it deleted when its time has come.

    plan and apply refuse whatever weakens what keeps evidence, and name the command that starts it.

    \b
    Example: toolkit retention start "Old mail"
    """


@command.command()
@click.argument("ref", metavar="REF")
@playbooks_argument
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
    from toolkit.cli.shared.run import prepared_run
    from toolkit.cli.shared.terminal import show, show_answer
    from toolkit.engine.retention_start import Started, start_run
    from toolkit.ledger.fingerprints import Pseudonyms
    from toolkit.ledger.lease import Lease
    from toolkit.render.start_text import ending_lines, start_answer, start_lines

    asked: list[Started] = []
    with prepared_run(playbooks, command="retention start", writes=True) as (run, talk):

        def ask(change: Started) -> bool:
            asked.append(change)
            with talk.paused():
                if not as_json:
                    show(start_lines(change))
                return (yes and not run.context.target.live) or _typed(change, quiet=as_json)

        with Lease(run.ledger, run=run.context.run):
            by = Pseudonyms(run.ledger).pseudonym(_account())
            context = replace(run.context, override=override)
            outcome = start_run(context, run.playbooks, run.ledger, ref, ask, by=by)
    lines = [*([] if asked else start_lines(outcome)), *ending_lines(outcome)]
    show_answer(start_answer(outcome), lines, as_json=as_json)
    sys.exit(outcome.report.exit)


def _typed(change: "Started", *, quiet: bool) -> bool:
    """Ask for the school's short name; without a terminal the answer is no."""
    from toolkit.cli.shared.terminal import remark, typed

    where = "live" if change.report.context.target.live else "emulated"
    if quiet:
        remark("toolkit: with --json nobody sees what it does, so nobody is asked: leave it out")
        return False
    if not sys.stdin.isatty():
        remark(f"toolkit: nobody to ask, and {where} tenants are not written without: use a terminal")
        return False
    short_name = change.report.playbooks.school.short_name
    return typed(f"This cannot be taken back on the {where} tenants. Type {short_name} to go on") == short_name


def _account() -> str:
    """Return the account on this computer; who uses it is not verified."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError, ImportError):  # a container may run under an account without a name
        return f"nobody@{socket.gethostname()}"

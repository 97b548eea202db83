"""The command `toolkit retention`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import json_option, override_option, playbooks_argument, tenant_option

if TYPE_CHECKING:
    from toolkit.engine.retention_start import RequestedChange


@click.group()
def command() -> None:
    r"""Shorten retention or start deletion (apply never does).

    plan and apply refuse a change that would keep less evidence, and name the command that makes the change.

    \b
    Example: toolkit retention start "Old mail"
    """


@command.command()
@click.argument("ref", metavar="REF")
@playbooks_argument
@json_option
@click.option("--yes", is_flag=True, help="Do not ask on emulated tenants. Real tenants always need confirmation.")
@override_option
@tenant_option
def start(ref: str, playbooks: Path, *, as_json: bool, yes: bool, override: str, tenant: str | None) -> None:
    r"""Make the one change that plan refuses for REF.

    REF is an object's address or name. The change can delete data for ever. The command names the people whose data the
    change reaches, and the result. Nothing is written while these are unknown, while any of these people is on legal
    hold in a cloud of the school, or while the holds of a cloud cannot be read. The end of `toolkit permissions` lists
    the permissions for this command. Windows and freezes apply. You confirm by typing the school's short name. Holds do
    not change.

    \b
    Exit codes:
      0  the change is made, or was made before
      1  the change failed
      4  something could not be read
      5  refused, not confirmed, or it must wait for a window

    \b
    Example: toolkit retention start "Old mail" playbooks/
             toolkit retention start "microsoft365.retention_policy[Old mail]"
    """
    from toolkit.api.school_files import add_freezes, load
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.cli.shared.terminal import show, show_answer
    from toolkit.engine.retention_start import RequestedChange, start_retention_change
    from toolkit.engine.selection import Selection
    from toolkit.ledger.fingerprints import Pseudonyms
    from toolkit.ledger.lease import Lease
    from toolkit.render.answer import retention_change_json, retention_outcome_lines, retention_start_lines

    changes: list[RequestedChange] = []
    selection = Selection(tenant=tenant)
    loaded = add_freezes(load(playbooks, selection), command_settings(), selection)
    with prepared_run(playbooks, command="retention start", writes=True, read=lambda _: loaded) as (run, talk):

        def ask(change: RequestedChange) -> bool:
            changes.append(change)
            with talk.pause():
                if not as_json:
                    show(retention_start_lines(change))
                return (yes and not run.context.target.live) or _confirm_short_name(change, quiet=as_json)

        with Lease(run.ledger, run=run.context.run):
            by = Pseudonyms(run.ledger).create_pseudonym(_account_name())
            context = replace(run.context, override=override)
            outcome = start_retention_change(context, run.playbooks, run.ledger, ref, ask, requesting_person=by)
    lines = [*([] if changes else retention_start_lines(outcome)), *retention_outcome_lines(outcome)]
    show_answer(retention_change_json(outcome), lines, as_json=as_json)
    sys.exit(outcome.report.exit)


def _confirm_short_name(change: "RequestedChange", *, quiet: bool) -> bool:
    """Ask the user to confirm by typing the school's short name. Return False if there is no terminal."""
    from toolkit.cli.shared.terminal import ask_text, refuse_question

    where = "live" if change.report.context.target.live else "emulated"
    if quiet:
        return refuse_question("toolkit: --json cannot ask for confirmation. Run it without --json")
    if not sys.stdin.isatty():
        return refuse_question(f"toolkit: {where} tenants are written only after confirmation: use a terminal")
    short_name = change.report.playbooks.school.short_name
    return ask_text(f"This cannot be undone on the {where} tenants. Type {short_name} to go on") == short_name


def _account_name() -> str:
    """Return the name of the user account on this computer. It does not prove who is using the account."""
    import getpass
    import socket

    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError, ImportError):  # a container may run under an account without a name
        return f"unknown@{socket.gethostname()}"

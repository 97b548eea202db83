"""The command `toolkit account`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, verbose_option_for


@click.command()
@click.argument("address")
@playbooks_argument
@click.option(
    "--why",
    type=click.Choice(["support", "access-request", "exception"]),
    required=True,
    help="Why you ask. It is recorded.",
)
@click.option("--at", "moment", metavar="TIME", help="Exceptions and pilots at this time, such as 2026-11-26T09:00.")
@click.option("--after-plan", is_flag=True, help="Also show the settings after `toolkit apply`, differences first.")
@click.option("--find", "sought", metavar="TEXT", help="Only settings that contain this text, such as a site.")
@click.option("--provider", metavar="NAME", help="Only this cloud, such as google_workspace.")
@json_option
@quiet_option
@verbose_option_for("Also show every entry of lists.")
def command(
    address: str,
    *,
    playbooks: Path,
    why: str,
    moment: str | None,
    after_plan: bool,
    sought: str | None,
    provider: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    r"""Show the settings that reach an account and its devices.

    For each setting, the answer shows the value, the object that sets it, the group or unit that leads to the account,
    and the objects that it overrides. It shows nothing about the person's use of the account, and no legal hold. The
    question is recorded in the ledger under a pseudonym, and `toolkit audit person` lists it for the person.

    \b
    Exit codes:
      0  the settings are known
      2  no cloud has an account with this address
      3  the plan changes something for it, or policies cancel each other
      4  toolkit cannot tell, or something could not be read

    \b
    Example: toolkit account teacher@example-primary.example --why support
             toolkit account teacher@example-primary.example --why support --find web.whatsapp.com
             toolkit account teacher@example-primary.example --why exception --at 2026-11-26T09:00 --after-plan
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.account_text import account_lines

    with surroundings() as around:
        school = api.load(playbooks)
        question = api.describe_account_question(school.school, address, why, at=moment)
        report = api.find_account_settings(school, question, after_plan=after_plan, provider=provider, **around)
    show_report(
        report.to_dict(), account_lines(report, verbose=verbose, sought=sought or ""), as_json=as_json, quiet=quiet
    )
    sys.exit(report.exit)

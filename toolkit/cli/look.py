"""The command `toolkit look`."""

import sys
from pathlib import Path

import click


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    metavar="DIR",
    help="Write look.html and look.json here.  [default: the current folder]",
)
@click.option("--live", is_flag=True, help="Look at the school's own tenant, instead of an emulated tenant.")
@click.option(
    "--cloud",
    "clouds",
    multiple=True,
    type=click.Choice(["microsoft365", "google_workspace"]),
    help="Look at only this cloud. May be repeated.   [default: both]",
)
@click.option("--tenant", metavar="ID", help="The expected tenant: its id or one of its domains.")
def command(output: Path, *, live: bool, clouds: tuple[str, ...], tenant: str | None) -> None:
    r"""Look at a tenant before anything is set up.

    A person signs in with a browser, and toolkit reads with that person's permissions. toolkit sends only requests that
    read. Without --live or TOOLKIT_TARGET=live the tenants are emulated and no browser is needed.

    On Microsoft 365, a Global Reader signs in twice, each time within 5 minutes, to apps that Microsoft publishes. The
    first time, a Global Administrator must sign in and agree for the organisation. Google Workspace needs an OAuth
    client of the school's own, in TOOLKIT_GOOGLE_SIGN_IN_CLIENT, and a super administrator.

    The command writes two files, and no ledger. look.html is a page with the facts that governors ask about, and with
    everything that could not be read and why. look.json contains no names, so the school may send it to the maintainers
    of toolkit. It contains kinds, counts, properties that toolkit does not know, and descriptions of errors.

    \b
    Exit codes:
      0  the page is written, and everything was read
      1  no one signed in, or the sign-in was refused
      2  the person belongs to another tenant, or the folder cannot be written to
      4  the page is written, and lists everything that could not be read

    \b
    Example: toolkit look
             toolkit look --live
    """
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show
    from toolkit.look.run import last_lines, look_at_tenants, notice_before_sign_in, reasons_to_leave_out_clouds

    with surroundings() as around:
        settings, say = around["settings"], around["remark"]
        live = live or settings.target == "live"
        chosen = reasons_to_leave_out_clouds(settings, clouds, live=live)
        for line in notice_before_sign_in(chosen, live=live):
            say(line)
        written = look_at_tenants(settings, output, chosen, tenant, live=live, show=say, progress=around["progress"])
    show(last_lines(written))
    sys.exit(written.exit)

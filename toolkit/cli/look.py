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

    A person signs in in the browser, and toolkit reads as that person. Only requests that read are sent. Without --live
    or TOOLKIT_TARGET=live the tenants are emulated and no browser is needed.

    Microsoft 365 asks for two sign-ins of 5 minutes each, as a Global Reader, with apps that Microsoft publishes. The
    first time, a Global Administrator has to sign in and agree for the organisation. Google Workspace needs an OAuth
    client of the school's own, in TOOLKIT_GOOGLE_SIGN_IN_CLIENT, and a super administrator.

    The command writes only two files, and neither state nor a ledger. look.html is one page with the facts that
    governors ask about, and with everything that could not be read and why. look.json has no names in it: kinds,
    counts, properties that toolkit does not know and shapes of errors, for the maintainers.

    \b
    Exit codes:
      0  the page is written, and everything was read
      1  no one signed in, or the sign-in was refused
      2  it is another tenant, or the folder cannot be written to
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

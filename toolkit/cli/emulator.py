"""toolkit emulator"""

import os
import sys

import click

from toolkit.errors import Exit, UsageError

_PORT = click.IntRange(0, 65535)


@click.group()
def command() -> None:
    r"""Run or reset the emulated tenants.

    Every command starts an emulator automatically unless TOOLKIT_TARGET is live. Run one yourself to let other
    programs use it, or to save the second that starting takes.

    \b
    Example: toolkit emulator serve --port 8443
             toolkit emulator reset
    """


@command.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The TLS port; default: any free one."
)
@click.option("--users", type=click.IntRange(min=1), metavar="N", help="How many people a new tenant has.")
@click.option(
    "--proxy",
    type=_PORT,
    metavar="N",
    help="Also run an HTTPS proxy on this port that leads the vendors' host names here.",
)
def serve(port: int, users: int | None, proxy: int | None) -> None:
    r"""Run the emulator in the foreground until Ctrl-C.

    When it is ready it prints one line of JSON: its address, its CA file, its tenants, and the credentials of two
    applications, one that can write and one that can only read. The tenants are kept in TOOLKIT_STATE/emulator.

    \b
    Example: toolkit emulator serve --port 8443 --users 400
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.sdk.providers import emulator_command

    options = {"--port": port, "--users": users, "--proxy": proxy}
    words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    program = [*emulator_command(), "serve", "--state", str(command_settings().state / "emulator"), *words]
    # This process becomes the emulator, so that signals, its answer and its exit code are the emulator's own.
    os.execv(program[0], program)  # noqa: S606 - a program of our own, without a shell


@command.command()
@click.option("--seed", metavar="NAME", help="messy: a school with leftovers, as most are.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, seed: str | None, yes: bool) -> None:
    r"""Create a fresh school and empty the practice ledger.

    \b
    Example: toolkit emulator reset --yes
             toolkit emulator reset --seed messy
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import agreed, show
    from toolkit.engine.emulator import reset as reset_emulator
    from toolkit.engine.prepare_run import open_ledger
    from toolkit.render.line import Line

    settings = command_settings()
    if settings.target == "live":
        raise UsageError("TOOLKIT_TARGET is live: only emulated tenants can be reset; unset it, or set it to emulator")
    if not (yes or agreed("Remove the emulated tenants and what the ledger has about them?")):
        sys.exit(Exit.REFUSED)
    with open_ledger(settings) as ledger:
        show(Line(text) for text in reset_emulator(settings.directory, ledger, seed))

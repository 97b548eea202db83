"""toolkit emulator"""

import os
import sys

import click

from toolkit.errors import Exit, UsageError

_PORT = click.IntRange(0, 65535)


@click.group()
def command() -> None:
    r"""Run the emulated tenants, or begin with new ones.

    Every command starts an emulator by itself where none runs and TOOLKIT_TARGET is not live. Run one yourself to let
    other programs use it, or to save the second that starting takes.

    \b
    Example: toolkit emulator serve --port 8443
             toolkit emulator reset
    """


@command.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The TLS port; any free one unless said."
)
@click.option("--users", type=click.IntRange(min=1), metavar="N", help="How many people a new tenant has.")
@click.option(
    "--proxy",
    type=_PORT,
    metavar="N",
    help="Also run an HTTPS proxy on this port that leads the vendors' host names here.",
)
def serve(port: int, users: int | None, proxy: int | None) -> None:
    r"""Run the emulator in the foreground until ctrl-C.

    One line of JSON says when it is ready: where it listens, its CA file, its tenants, and the credentials of two
    seeded applications, one that may write and one that may only read. The tenants are kept in TOOLKIT_STATE/emulator.

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
@click.option("--seed", metavar="NAME", help="messy: a school as schools really are.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, seed: str | None, yes: bool) -> None:
    r"""Make a fresh school with new tenant ids, and empty the ledger of the emulated target.

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

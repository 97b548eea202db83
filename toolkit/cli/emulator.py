"""The command `toolkit emulator`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.school.school import School

_PORT = click.IntRange(0, 65535)
_SEEDS = (
    "messy (a school with old settings, as most schools have), trust (ten schools in one tenant) or mixed (a trust "
    "half way: three schools in one tenant, three with their own)."
)


@click.group()
def command() -> None:
    r"""Run or reset the emulated tenants.

    `toolkit emulator clock` moves their time.

    Every command starts an emulator automatically unless TOOLKIT_TARGET is live. Run one yourself to let other
    programs use it, or to save the second that starting takes.

    \b
    Example: toolkit emulator serve --port 8443
             toolkit emulator reset
             toolkit emulator clock +3d
    """


@command.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="The TLS port (default: any free port)."
)
@click.option("--users", type=click.IntRange(min=1), metavar="N", help="The number of people in a new tenant.")
@click.option("--seed", metavar="NAME", help=f"The first tenants, if there are none yet: {_SEEDS}")
@click.option(
    "--proxy",
    type=_PORT,
    metavar="N",
    help="Also run an HTTPS proxy on this port that directs the vendors' host names to the emulator.",
)
@click.option(
    "--grant",
    "grants",
    nargs=2,
    multiple=True,
    metavar="CLIENT SCOPES",
    help="Also create an identity with which another program can read. SCOPES are its permissions, with commas between "
    "them. May be repeated.",
)
def serve(
    *, port: int, users: int | None, seed: str | None, proxy: int | None, grants: tuple[tuple[str, str], ...]
) -> None:
    r"""Run the emulator in the foreground until Ctrl-C.

    A new emulated tenant has the name and domain of the school file that the command finds, if this file has `emulated`
    tenants. Otherwise, the new tenant is the sample school.

    When the emulator is ready, it prints a line of JSON with its address, its CA file, its tenants, and the credentials
    of two applications. The first application can write, and the second can only read. The tenants are kept in
    TOOLKIT_STATE/emulator.

    --grant creates an identity for another program, such as GAM. The permissions may be Google's, Microsoft's or both.
    The credentials are in the line of JSON, under the name of the program.

    \b
    Example: toolkit emulator serve --port 8443 --users 400
             toolkit emulator serve --seed trust
             toolkit emulator serve --proxy 8080 --grant gam calendar.readonly,apps.alerts
             toolkit emulator serve --grant audit Policy.Read.All,User.Read.All
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.engine.emulator import school_options
    from toolkit.sdk.providers import emulator_command

    options = {"--port": port, "--users": users, "--seed": seed, "--proxy": proxy}
    words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    program = [*emulator_command(), "serve", "--state", str(command_settings().state / "emulator"), *words]
    program += [word for client, scopes in grants for word in ("--grant", client, scopes)]
    program += school_options(_school_of_new_tenants(None))
    # This process becomes the emulator, so that signals, its answer and its exit code are the emulator's own.
    os.execv(program[0], program)  # noqa: S606 - a program of our own, without a shell


def _find_school(playbooks: Path | None) -> "School | None":
    """Return the school in the school file of the playbooks or of the current folder, or None if there is no
    school file.
    """
    from toolkit.cli.shared.command_settings import school_folder
    from toolkit.playbook.load import load_school
    from toolkit.settings.school_folder import find_school_playbooks

    where = playbooks or find_school_playbooks(school_folder().path)
    return load_school(where).school if where else None


def _school_of_new_tenants(playbooks: Path | None) -> Mapping[str, str]:
    """Return the name and domain for new emulated tenants, from the school file that the command finds."""
    from toolkit.engine.tenants import school_of_emulated_tenants

    school = _find_school(playbooks)
    return school_of_emulated_tenants(school) if school else {}


@command.command()
@click.argument("playbooks", required=False, type=click.Path(exists=True, path_type=Path), metavar="[PLAYBOOKS]")
@click.option("--seed", metavar="NAME", help=f"One of the prepared schools: {_SEEDS}")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, playbooks: Path | None, seed: str | None, yes: bool) -> None:
    r"""Create a fresh school and empty the practice ledger.

    If the school file has `emulated` tenants, the school has the name and domain in the file. Without a school file, it
    is the sample school.

    \b
    Example: toolkit emulator reset --yes
             toolkit emulator reset --seed messy
             toolkit emulator reset --seed trust
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import ask_yes, show
    from toolkit.engine.emulator import empty_ledger, reset_emulator
    from toolkit.engine.prepare_run import open_ledger
    from toolkit.render.line import Line

    settings = command_settings()
    if settings.target == "live":
        raise UsageError(
            "TOOLKIT_TARGET is live, and only emulated tenants can be reset: unset it, or set it to emulator"
        )
    if not (yes or ask_yes("Remove the emulated tenants and the ledger's entries about them?")):
        sys.exit(Exit.REFUSED)
    school = _school_of_new_tenants(playbooks)
    with open_ledger(settings) as ledger:
        show(Line(text) for text in reset_emulator(settings.directory, ledger, seed, school))
    for state in sorted(settings.state.glob("tenants/*")):  # of a trust, whose tenants have ledgers of their own
        with open_ledger(replace(settings, state=state)) as ledger:
            show([Line(f"{state.name}: {empty_ledger(ledger)}")])


@command.command(context_settings={"ignore_unknown_options": True})
@click.argument("move", required=False, metavar="[TIME]")
def clock(*, move: str | None) -> None:
    r"""Show the time of the emulated tenants, or move it forward.

    The time of emulated tenants does not change until it is moved. It begins on 10 November 2026, and every command
    uses it: `due` writes the changes that are due at this time, and drift findings and reports have its date.

    TIME is +3d (or m, h, w), a date, or a date with a time. Time cannot go back, because the ledger would have entries
    in the future. `toolkit emulator reset` starts again.

    \b
    Example: toolkit emulator clock
             toolkit emulator clock +3d
             toolkit emulator clock 2027-01-08
             toolkit emulator clock 2027-01-08T16:30
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import show
    from toolkit.engine.emulated_clock import format_instant, parse_clock_time, refuse_earlier_time
    from toolkit.engine.emulator import find_or_start_emulator, move_clock, read_emulated_time
    from toolkit.engine.prepare_run import open_ledger
    from toolkit.engine.tenants import school_of_emulated_tenants
    from toolkit.render.line import Line

    settings = command_settings()
    if settings.target == "live":
        raise UsageError("TOOLKIT_TARGET is live: only the time of emulated tenants can be shown or moved")
    school = _find_school(None)
    zone = ZoneInfo(school.time_zone) if school else UTC
    ids = [tenant.id for tenant in school.tenants.values()] if school else []
    with find_or_start_emulator(settings.directory, ids, school_of_emulated_tenants(school) if school else {}) as ready:
        now = read_emulated_time(ready, ids).astimezone(zone)
        if move is None:
            show([Line(format_instant(now))])
            return
        instant = parse_clock_time(move, now, zone)
        with open_ledger(settings) as ledger:
            refuse_earlier_time(instant, now, ledger)
        show([Line(f"{format_instant(now)} -> {format_instant(move_clock(ready, ids, instant).astimezone(zone))}")])

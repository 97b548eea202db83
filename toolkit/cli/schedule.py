"""The command `toolkit schedule`."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import playbooks_argument

if TYPE_CHECKING:
    from toolkit.render.schedule_jobs import JobLocation


@click.group()
def command() -> None:
    r"""Print the jobs for cron, systemd or Windows.

    `drift` runs each night and `due` every few minutes; `schedule:` in the school file sets the times, and the next
    run reports a run that was missed. With `export: monthly` or `export: termly` a third job mails the report for
    governors.

    \b
    Example: toolkit schedule systemd playbooks/ --user toolkit
             toolkit schedule cron playbooks/
    """


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)


def _add_location_options(function: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--env-file", type=_FILE, metavar="FILE", help="Settings for the jobs, in addition to .env."),
        click.option("--user", metavar="NAME", help="The account that the jobs run as, on a system-wide schedule."),
        playbooks_argument,
    ):
        function = option(function)
    return function


@command.command()
@_add_location_options
def cron(playbooks: Path, *, user: str | None, env_file: Path | None) -> None:
    r"""Print a crontab with the jobs.

    \b
    Example: toolkit schedule cron playbooks/
             toolkit schedule cron playbooks/ --user toolkit > /etc/cron.d/toolkit
    """
    from toolkit.cli.shared.terminal import show_document
    from toolkit.render.schedule_files import crontab_text

    show_document(crontab_text(_find_location_of_jobs(playbooks, user=user, env_file=env_file)))


@command.command()
@_add_location_options
@click.option("-o", "--output", type=_FOLDER, help="Write the units into this directory.")
def systemd(playbooks: Path, *, user: str | None, env_file: Path | None, output: Path | None) -> None:
    r"""Print the systemd services and timers of the jobs.

    \b
    Example: toolkit schedule systemd playbooks/
             toolkit schedule systemd playbooks/ --user toolkit -o units/
    """
    from toolkit.render.schedule_files import systemd_installation_steps, systemd_units

    location = _find_location_of_jobs(playbooks, user=user, env_file=env_file)
    _show_files(systemd_installation_steps(location), systemd_units(location), output)


@command.command()
@click.option("-o", "--output", type=_FOLDER, help="Write the tasks into this directory.")
@click.option("--user", metavar="NAME", help="The account that the tasks run as, signed in or not.")
@playbooks_argument
def windows(playbooks: Path, *, user: str | None, output: Path | None) -> None:
    r"""Print tasks of the Windows Task Scheduler (untested).

    \b
    Example: toolkit schedule windows playbooks/ -o tasks/
    """
    from toolkit.render.schedule_files import windows_registration_steps, windows_tasks

    location = _find_location_of_jobs(playbooks, user=user, env_file=None)
    _show_files(windows_registration_steps(location), windows_tasks(location), output)


def _show_files(remarks: Iterable[str], files: Mapping[str, str], output: Path | None) -> None:
    """Print the files of scheduled jobs and how to install them.

    With `output`, write missing files into this directory instead.
    """
    from toolkit.cli.shared.terminal import show, show_document
    from toolkit.render.import_yaml import write_new_files
    from toolkit.render.line import Line

    show(Line(f"# {text}") for text in remarks)
    if output:
        there = {path.name: path.read_bytes() for path in output.glob("*") if path.is_file()}
        write_new_files({name: text for name, text in files.items() if there.get(name) != text.encode()}, output)
    for name, text in files.items():
        if output:
            show([Line(f"# {output / name}")])
        else:
            show_document(f"\n# ----- {name}\n{text}")


def _find_location_of_jobs(playbooks: Path, *, user: str | None, env_file: Path | None) -> "JobLocation":
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.playbook.load import load
    from toolkit.render.schedule_jobs import find_job_location, refuse_invalid_user

    refuse_invalid_user(user)
    settings = command_settings()
    return find_job_location(settings, load(playbooks).school, playbooks, user=user, env_file=env_file)

"""What the commands of `toolkit hold` share: the register, and a person who signs in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import default_playbooks
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.holds.session import Desk
    from toolkit.sdk.directory import PersonAccount

playbooks_option = click.option(
    "--playbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The folder with the school file and private/holds.yaml.age.",
)


@contextmanager
def open_register(path: Path, *, writes: bool = True, command: str = "hold", clouds: bool = True) -> Iterator["Desk"]:
    """Open the register and the tenants; the terminal is left to questions and answers."""
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.holds.follow_up import open_desk
    from toolkit.holds.register import KEY

    key = command_settings().variables.get(KEY)
    with (
        prepared_run(path, command=command, writes=writes) as (run, talk),
        open_desk(run, key, clouds=clouds) as at,
        talk.paused(),
    ):
        yield at


def signed_in(at: "Desk", provider: str | None) -> "PersonAccount":
    """Ask a person to sign in to a cloud, the school's first where none is named."""
    from toolkit.cli.shared.terminal import remark

    name = provider or next(iter(at.connections))
    if name not in at.connections:
        raise UsageError(f"--with {name}: the school has {' and '.join(at.connections)}")
    return at.connections[name].signs_in(remark)

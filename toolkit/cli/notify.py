"""The command `toolkit notify`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument


@click.group()
def command() -> None:
    r"""Send a test message to each notification channel.

    Channels are in the school file under `notifications:`; URLs are in variables.

    \b
    Example: toolkit notify test playbooks/
    """


@command.command()
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@playbooks_argument
@json_option
def test(channels: tuple[str, ...], *, playbooks: Path, as_json: bool) -> None:
    r"""Send a test to each channel, or to the ones named.

    Mail from emulated tenants never leaves them, and only URLs on this computer are used.

    \b
    Exit codes:
      0  every test was sent
      1  a test was not sent

    \b
    Example: toolkit notify test playbooks/
             toolkit notify test teams playbooks/
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.errors import Exit
    from toolkit.notices.delivery_text import deliveries_json, delivery_lines, has_failures
    from toolkit.notices.notify import send_test
    from toolkit.playbook.load import load

    settings = command_settings()
    deliveries = send_test(load(playbooks), settings, channels)
    show_answer(deliveries_json(deliveries), delivery_lines(deliveries), as_json=as_json)
    sys.exit(Exit.FAILED if has_failures(deliveries) else Exit.AS_WANTED)

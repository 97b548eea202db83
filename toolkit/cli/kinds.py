"""The command `toolkit kinds`."""

import click

from toolkit.cli.shared.completion import complete_kinds_and_controls
from toolkit.cli.shared.options import json_option


@click.command()
@click.argument("name", required=False, metavar="[NAME]", shell_complete=complete_kinds_and_controls)
@json_option
def command(name: str | None, *, as_json: bool) -> None:
    r"""List kinds and controls, or explain one.

    With NAME, the command shows the permissions that the kind or control needs, and every setting with its meaning,
    limits, default and an example. If several names begin with NAME, they are listed.

    \b
    Example: toolkit kinds
             toolkit kinds mail
             toolkit kinds microsoft365.transport_rule
             toolkit kinds mail.disclaimer
    """
    from toolkit import api
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.reference.reference_text import overview_lines, reference_lines

    report = api.kinds(name)
    lines = (
        reference_lines(report.reference) if report.reference else overview_lines(report.entries, report.broken_modules)
    )
    show_report(report.to_dict(), lines, as_json=as_json)

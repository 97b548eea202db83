"""toolkit kinds"""

import click

from toolkit.cli.shared.options import json_option


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@json_option
def command(name: str | None, *, as_json: bool) -> None:
    r"""List kinds and controls, or explain one.

    With a NAME it shows the permissions that it needs, and every setting with its meaning, limits, default and an
    example.

    \b
    Example: toolkit kinds
             toolkit kinds microsoft365.transport_rule
             toolkit kinds mail.disclaimer
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.reference.reference_text import (
        overview,
        overview_answer,
        overview_lines,
        reference,
        reference_answer,
        reference_lines,
    )

    if name is None:
        entries = overview()
        show_answer(overview_answer(entries), overview_lines(entries), as_json=as_json)
        return
    found = reference(name)
    show_answer(reference_answer(found), reference_lines(found), as_json=as_json)

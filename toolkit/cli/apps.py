"""The command `toolkit apps`."""

from pathlib import Path

import click

from toolkit.cli.shared.options import json_option


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@click.option(
    "--playbooks",
    type=click.Path(exists=True, path_type=Path),
    help="Include the additions of these playbooks to the catalogue.",
)
@json_option
def command(name: str | None, playbooks: Path | None, *, as_json: bool) -> None:
    r"""List the apps and sites that a block can name.

    With NAME, the command shows the hosts and the apps on each platform, known gaps, public sources, and the date of
    the last review. A block names an app or a whole category:

    \b
      block: [whatsapp, {category: streaming}]

    \b
    Example: toolkit apps
             toolkit apps whatsapp
             toolkit apps --playbooks playbooks/ --json
    """
    from toolkit.catalogue.naming import builtin, unknown_app_message
    from toolkit.cli.shared.terminal import show_report
    from toolkit.errors import UsageError
    from toolkit.playbook.load import load
    from toolkit.render.reference.catalogue_text import app_lines, app_with_review_json, catalogue_json, catalogue_lines

    catalogue = builtin() if playbooks is None else load(playbooks).apps
    if name is None:
        show_report(catalogue_json(catalogue), catalogue_lines(catalogue), as_json=as_json)
        return
    if name not in catalogue.apps:
        raise UsageError(unknown_app_message(name, catalogue))
    app = catalogue.apps[name]
    show_report(app_with_review_json(app), app_lines(app), as_json=as_json)

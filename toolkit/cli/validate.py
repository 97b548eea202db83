"""toolkit validate"""

from pathlib import Path

import click

from toolkit.cli._options import json_option, playbooks_argument


@click.command()
@playbooks_argument
@json_option
def command(playbooks: Path, *, as_json: bool) -> None:
    r"""Check the playbooks without asking any tenant.

    Every problem is said at once, with file and line.

    \b
    Example: toolkit validate playbooks/
    """
    from toolkit.cli._terminal import show, show_json
    from toolkit.cli._validate import validated, validated_answer, validated_lines

    checked = validated(playbooks)
    if as_json:
        show_json(validated_answer(*checked))
    else:
        show(validated_lines(*checked))

"""toolkit validate"""

from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument


@click.command()
@playbooks_argument
@json_option
def command(playbooks: Path, *, as_json: bool) -> None:
    r"""Check the playbooks; no tenant is asked.

    It reports every problem with file and line.

    \b
    Example: toolkit validate playbooks/
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.desired_state import validate
    from toolkit.render.validate_text import validated_answer, validated_lines

    checked = validate(playbooks)
    show_answer(validated_answer(*checked), validated_lines(*checked), as_json=as_json)

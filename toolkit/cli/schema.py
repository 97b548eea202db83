"""The command `toolkit schema`."""

from pathlib import Path

import click


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the schema to this file.")
def command(output: Path | None) -> None:
    r"""Print the JSON Schema of the playbooks for an editor.

    An editor with the YAML language server (VS Code, Neovim and others) completes and checks every file that begins
    with this line:

    \b
      # yaml-language-server: $schema=playbooks.schema.json

    The path leads from that file to the schema. VS Code also reads its setting yaml.schemas.

    \b
    Example: toolkit schema -o playbooks/playbooks.schema.json
    """
    import json

    from toolkit.cli.shared.terminal import show_document
    from toolkit.errors import UsageError
    from toolkit.playbook.json_schema import schema

    text = json.dumps(schema(), indent=2, ensure_ascii=False)
    if output is None:
        show_document(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error

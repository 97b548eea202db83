"""The command `toolkit dpo-pack`."""

from pathlib import Path

import click

from toolkit.cli.shared.options import output_folder, playbooks_argument


@click.command()
@playbooks_argument
@output_folder("The folder for the files.")
@click.option("--force", is_flag=True, help="Replace files of an earlier pack.")
def command(playbooks: Path, *, directory: Path, force: bool) -> None:
    r"""Write the documents for the data protection officer.

    The documents are a DPIA with the ICO's headings, the permissions in words, a record of processing, a notice to
    staff, and how to search, forget and stop. They are Markdown and HTML files. There is also a picture of the data
    flow. The facts come from the playbooks. Every decision is left blank for the school. No tenant is read.

    In the folder of a trust, there is one pack for all of its schools and tenants, because the trust is the controller.

    \b
    Exit codes:
      0  the files are written
      2  a playbook is wrong, or a file is there already

    \b
    Example: toolkit dpo-pack playbooks/ -o dpo/
             toolkit dpo-pack playbooks/ -o dpo/ --force
    """
    from toolkit import api
    from toolkit.cli.shared.terminal import show
    from toolkit.playbook.files import is_trust
    from toolkit.render.line import Line

    if is_trust(playbooks):
        from toolkit.trust.dpo import write_pack_of_trust
        from toolkit.trust.load import load_trust

        paths = write_pack_of_trust(load_trust(playbooks), directory, force=force)
    else:
        paths = api.dpo_pack(api.load(playbooks), directory, force=force)
    show(Line(str(path)) for path in paths)

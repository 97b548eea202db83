"""The command `toolkit permissions`."""

from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, tenant_option


@click.command()
@playbooks_argument
@click.option("--read", "identities", flag_value="read", help="Only the identity that reads: plan, drift, check.")
@click.option("--write", "identities", flag_value="write", help="Only the identity that writes: apply, due.")
@json_option
@tenant_option
def command(playbooks: Path, *, identities: str | None, as_json: bool, tenant: str | None) -> None:
    r"""List the permissions that the playbooks need.

    For each cloud and identity: application permissions, roles, scopes and administrator privileges, each with the
    control or resource that needs it (file and line), and the steps to grant it. The list ends with the permissions for
    `toolkit hold` and `toolkit retention start`. The tenants are not read. `toolkit doctor` compares the list with an
    identity's permissions.

    \b
    Example: toolkit permissions playbooks/ --read
    """
    from toolkit.api.school_files import load
    from toolkit.cli.shared.terminal import show_report
    from toolkit.engine.doctor.required_permissions import work_out_permissions
    from toolkit.engine.selection import Selection
    from toolkit.render.permissions_text import permissions_json, permissions_lines
    from toolkit.sdk.connector import Identity

    loaded = load(playbooks, Selection(tenant=tenant))
    needed = work_out_permissions(loaded, [Identity(identities)] if identities else list(Identity))
    show_report(permissions_json(loaded.school, needed), permissions_lines(loaded.school, needed), as_json=as_json)

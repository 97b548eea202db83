"""Client libraries that GAM and IntuneCD do not use, unmodified: sign-in, people, groups, roles and policies."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.emulated import HANG, Tenant, whole_school

pytestmark = pytest.mark.clients

CLIENTS = Path(__file__).parents[2] / ".clients"


def read_with(tenant: Tenant, *words: str | Path, **variables: str) -> Mapping[str, Any]:
    """Run a program that knows the emulator by its proxy and its authority alone; return what it read."""
    assert tenant.emulator.proxy
    trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), tenant.emulator.ca_file)
    environment = {"PATH": os.environ["PATH"], "HTTPS_PROXY": tenant.emulator.proxy, **trust, **variables}
    ended = subprocess.run(
        [str(word) for word in words], env=environment, capture_output=True, text=True, timeout=HANG, check=False
    )
    assert ended.returncode == 0, ended.stderr
    read: Mapping[str, Any] = json.loads(ended.stdout)
    return read


@whole_school
def test_the_office365_library_for_python_reads_the_tenant(tenant: Tenant) -> None:
    application = tenant.applications["reader"]
    script = Path(__file__).with_name("read_with_office365.py")

    read = read_with(
        tenant, CLIENTS / "office365" / "bin" / "python", script,
        TENANT=tenant.domain, CLIENT_ID=application["client_id"], CLIENT_SECRET=application["client_secret"],
    )  # fmt: skip

    users = tenant.objects("users").values()
    assert read["users"] == sorted(user["userPrincipalName"] for user in users)
    assert read["licensed"] == sorted(user["userPrincipalName"] for user in users if user["assignedLicenses"])
    assert read["groups"] == sorted(group["displayName"] for group in tenant.objects("groups").values())
    assert len(read["staff"]) == 46
    assert "Global Administrator" in read["roles"]
    assert read["licences"] == ["M365EDU_A3_FACULTY", "M365EDU_A3_STUUSEBNFT"]
    assert "Require MFA for staff" in read["policies"]
    assert read["roles_held"] == read["roles"]
    assert len(read["joiners"]["allowedToJoin"]["groups"]) == 1
    assert (read["methods"], read["outside"]) == ("1.5", True)


@pytest.mark.skipif(not (CLIENTS / "googleapis.installed").exists(), reason="make clients found no Node with npm")
@whole_school
def test_googles_library_for_node_reads_the_tenant_and_fills_a_group(tenant: Tenant) -> None:
    told = tenant.description["google_workspace"]

    read = read_with(
        tenant, "node", Path(__file__).with_name("read_with_googleapis.mjs"),
        CLIENT=str(CLIENTS / "googleapis"), KEY=json.dumps(told["service_accounts"]["writer"]),
        ADMINISTRATOR=told["administrator"], DOMAIN=told["domain"],
    )  # fmt: skip

    users = [user["primaryEmail"] for user in tenant.objects("google.users").values() if not user["suspended"]]
    groups = {group["email"] for group in tenant.objects("google.groups").values()}
    assert sorted(read["users"]) == sorted(users)
    assert set(read["groups"]) == groups
    members = tenant.objects("google.members").items()
    assert [key for key, one in members if one["email"] == read["added"]] != []
    assert "_SEED_ADMIN_ROLE" in read["roles"]
    assert "settings/drive_and_docs.external_sharing" in read["policies"]
    assert "/Pupils/Year 3" in read["units"]

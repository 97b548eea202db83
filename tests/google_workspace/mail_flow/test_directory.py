"""The directory of a prediction: members of a group from outside the school count as members."""

from connectors.google_workspace.mail_flow.directory import read_mail_directory
from tests.emulated import Tenant
from tests.google_workspace.connected import connect
from toolkit.sdk.connector import Identity

LIST, GUEST = "leadership@example-primary.example", "governor@home.example"


def test_a_member_from_outside_is_a_member_and_a_recipient_of_the_group(tenant: Tenant) -> None:
    (group,) = [key for key, body in tenant.objects("google.groups").items() if body["email"] == LIST]
    guest = {"id": "9001", "email": GUEST, "role": "MEMBER", "type": "USER", "status": "EXTERNAL"}
    tenant.put("google.members", f"{group}/9001", guest)
    connection = connect(tenant, identity=Identity.READ, read_only=True)

    directory = read_mail_directory(connection, [GUEST, LIST], frozenset({LIST}))
    connection.close()

    assert directory.is_member(GUEST, LIST).value is True
    assert directory.is_member("parent@home.example", LIST).value is False
    assert GUEST in (directory.recipients[LIST].members or ())

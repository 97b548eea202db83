"""The settings of groups; booleans are the words "true" and "false".

Follows https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
"""

from collections.abc import Sequence

from connectors.google_workspace.api import Api, Call
from toolkit.errors import ServiceError
from toolkit.values import Body

_GROUP = "nextPageToken,groups(id,email,name,description)"


class GroupsSettings:
    """Groups by their addresses."""

    def __init__(self, admin: Api, settings: Api) -> None:
        self._admin = admin
        self._settings = settings

    def groups(self) -> Sequence[Body]:
        """List all groups: id, address, name and description."""
        parameters: Body = {"customer": "my_customer", "maxResults": 200, "fields": _GROUP}
        return self._admin.pages(Call("directory.groups.list", parameters), "groups")

    def get(self, address: str) -> Body:
        return self._settings.read(_get(address))

    def get_many(self, addresses: Sequence[str]) -> Sequence[Body | ServiceError]:
        """Read the settings of many groups, fifty in a request; for each its settings or its error, in their order."""
        return self._settings.batch([_get(address) for address in addresses])

    def patch(self, address: str, body: Body) -> Body:
        """Change what the body names, and give all settings."""
        return self._settings.change(_patch(address, body))

    def patch_many(self, changes: Sequence[tuple[str, Body]]) -> Sequence[Body | ServiceError]:
        """Change many groups, fifty in a request; for each its settings or its error, in their order."""
        return self._settings.batch([_patch(address, body) for address, body in changes])


def _get(address: str) -> Call:
    return Call("groupsSettings.groups.get", {"groupUniqueId": address})


def _patch(address: str, body: Body) -> Call:
    return Call("groupsSettings.groups.patch", {"groupUniqueId": address}, body)

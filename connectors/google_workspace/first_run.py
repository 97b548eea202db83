"""Checks assumptions about Google Workspace that no live tenant has confirmed yet.

The file first_run.toml lists them.
"""

from collections.abc import Iterator

from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import ServiceError
from toolkit.sdk import Settle, mapping, mappings, read_facts, text
from toolkit.values import Body


def _make_schema_check(schema: str, *words: str) -> Settle:
    """Return a check that a Chrome schema has, for each of these words, a field or a value that ends with it."""

    def settle(via: GoogleWorkspace) -> bool:
        names = {*_list_schema_names(mapping(via.chrome.schema(schema).get("definition")))}
        return all(any(name.endswith(word) for name in names) for word in words)

    return settle


def _list_schema_names(definition: Body) -> Iterator[str]:
    """Yield the names of all fields and values of a schema, including its nested types."""
    for key in ("field", "value"):
        yield from (text(row.get("name")) for row in mappings(definition.get(key)))
    for key in ("enumType", "messageType", "nestedType"):
        for inner in mappings(definition.get(key)):
            yield from _list_schema_names(inner)


def _check_batch_of_two_people(via: GoogleWorkspace) -> bool | None:
    """Return whether a batch for two mailboxes returns each person's own data.

    Return None if there are not two people.
    """
    everyone = via.directory(people=True, groups=()).people.values()
    two = [person.address for person in everyone if person.mailbox][:2]
    own: list[bool] = []
    for person, rows in zip(two, via.mailboxes.send_as(two), strict=True):
        if isinstance(rows, ServiceError):
            raise rows
        own.append(person.casefold() in {text(row.get("sendAsEmail")).casefold() for row in rows})
    return all(own) if len(own) > 1 else None


_IDLE = ("screenLockDelayAc", "screenLockDelayBattery", "idleDelayAc", "idleDelayBattery")
FACTS = read_facts(
    __file__,
    {
        "external_storage_words": _make_schema_check(
            "chrome.users.ExternalStorage", "READ_WRITE", "READ_ONLY", "DISALLOW"
        ),
        "sign_in_words": _make_schema_check(
            "chrome.devices.SignInRestriction", "ANY_USER", "NO_USERS", "RESTRICTED_LIST"
        ),
        "install_source_words": _make_schema_check(
            "chrome.users.appsconfig.AllowedInstallSources", "ALLOW_ALL_APPS", "BLOCK_ALL_APPS"
        ),
        "idle_fields": _make_schema_check("chrome.users.IdleSettingsExtended", *_IDLE),
        "people_in_a_batch": _check_batch_of_two_people,
    },
)

"""Footers of groups: the text that Google adds below every message that is sent to a group."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, Rejected, ServiceError
from toolkit.sdk import (
    EVERY,
    FLAG,
    PROSE,
    Everything,
    FixedObjects,
    GroupNesting,
    Harmless,
    Kind,
    Lifecycle,
    NamedOnly,
    NameRules,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    Write,
    declare,
    declare_effects,
    in_groups,
)
from toolkit.values import Body, Settings

_SWITCH_NAME, _TEXT = "includeCustomFooter", "customFooterText"
_ON, _OFF = "true", "false"  # the service writes booleans as words


def _check_not_blank(value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise ValueError("an empty footer has no effect. Write null")
    return value


class GroupFooter(Spec):
    """The text below every message that goes through a group."""

    effects = declare_effects({}, {Harmless.TEXT: ("text",)})

    properties: ClassVar[Properties] = Properties(compared=frozenset({_SWITCH_NAME}))

    text: Annotated[
        str | None, Field(max_length=1000), AfterValidator(_check_not_blank), Setting(PROSE, wire=_TEXT)
    ] = declare(
        "Gives the footer. null turns it off and keeps the stored text.",
        "Sent through a group of Example Primary School.",
    )

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the footer of a group. A stored text does not count while the footer is turned off."""
        return {"text": PROSE.read(body.get(_TEXT)) if FLAG.read(body.get(_SWITCH_NAME)) else None}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        if "text" not in settings:
            return {}
        text = PROSE.write(settings["text"])
        return {_SWITCH_NAME: _OFF} if text is None else {_SWITCH_NAME: _ON, _TEXT: text}


class _Groups(FixedObjects):
    """Reads and changes the footers of groups, 50 groups in a request."""

    none_created = "there is no group {name}, and toolkit does not create groups"
    none_deleted = "toolkit does not delete the group {name}"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        groups = [_read_id_and_address(row) for row in via.groups_settings.groups()]
        match selection:
            case Everything():
                requested = groups
            case NamedOnly(names):
                requested = [(identifier, address) for identifier, address in groups if address in names]
        answers = via.groups_settings.get_many([address for _, address in requested])
        _raise_if_all_failed(answers)
        return list(_to_remotes(requested, answers))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:  # noqa: ARG002 - likewise
        return _to_updated_remote(remote, via.groups_settings.patch(remote.name, body))

    def write_many(self, via: GoogleWorkspace, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
        """Change the footers of many groups in one request. Setting a footer twice does no harm."""
        remotes = [_to_remote(write) for write in writes]
        changes = [(remote.name, write.body) for remote, write in zip(remotes, writes, strict=True)]
        answers = via.groups_settings.patch_many(changes)
        return [
            answer if isinstance(answer, ServiceError) else _to_updated_remote(remote, answer)
            for remote, answer in zip(remotes, answers, strict=True)
        ]


def _read_id_and_address(row: Body) -> tuple[str, str]:
    identifier, address = row.get("id"), row.get("email")
    if not (identifier and address):
        raise BadAnswer("the Directory API returned a group without an id or an address")
    return str(identifier), str(address)


def _raise_if_all_failed(answers: Sequence[Body | ServiceError]) -> None:
    """Raise the error if no group could be read, because it then concerns more than one group."""
    errors = [answer for answer in answers if isinstance(answer, ServiceError)]
    if errors and len(errors) == len(answers):
        raise errors[0]


def _to_remotes(
    requested: Sequence[tuple[str, str]], answers: Sequence[Body | ServiceError]
) -> Iterator[Remote | Unreadable]:
    for (identifier, address), answer in zip(requested, answers, strict=True):
        if isinstance(answer, ServiceError):
            yield Unreadable(identifier, address, str(answer))
        else:
            yield Remote(identifier, address, _select_footer_properties(answer))


def _to_remote(write: Write) -> Remote:
    if write.remote is None:
        raise Rejected(f"there is no group {write.name}, and toolkit does not create groups")
    return write.remote


def _to_updated_remote(remote: Remote, answer: Body) -> Remote:
    return Remote(remote.id, remote.name, _select_footer_properties(answer))


def _select_footer_properties(settings: Body) -> Body:
    """Return the properties of the footer from a group's settings, because other kinds cover all other properties."""
    switch, text = settings.get(_SWITCH_NAME), settings.get(_TEXT)
    return {_SWITCH_NAME: switch} if str(switch).lower() == _OFF else {_SWITCH_NAME: switch, _TEXT: text}


def _check_name(name: str) -> str | None:
    if name == EVERY or ("@" in name and name == name.lower()):
        return None
    return f"{name!r} is not the address of a group. Write the complete address in lower case, or * for every group"


_NESTING = GroupNesting.TRANSITIVE
"""Mail to a group reaches the members of nested groups, with the footer of the group that it was sent to.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list
"""

KIND = Kind(
    name="group_footer",
    title="group footer",
    plural="groups",
    spec=GroupFooter,
    endpoint=_Groups(),
    reference="https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups",
    permissions=Permissions(
        read=needs("directory.groups.list", "groupsSettings.groups.get"),
        write=needs("groupsSettings.groups.patch"),
    ),
    settles=10.0,
    fixed=True,
    reach=Scale.GROUP,
    targets=lambda name, _settings: in_groups([name]),
    nesting=_NESTING,
    logged=ADMIN,
    sample="""\
- google_workspace.group_footer: all-staff@example-primary.example
  text: Sent through a group of Example Primary School.
""",
    names=NameRules(check=_check_name),
    lifecycle=Lifecycle(withdrawn=lambda _: {"text": None}, residue="the text of a footer that is turned off"),
)

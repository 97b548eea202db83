"""Rules for posting to a group: who may post, and whose messages need approval.

Follows https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups and
https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.groups import check_name
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound, ServiceError
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    TEXT,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Everything,
    FixedObjects,
    Harmless,
    Kind,
    Lifecycle,
    Listed,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    becomes,
    declare,
    declare_effects,
    moves_from,
    switches_off,
)
from toolkit.values import Body, Json, Settings, entries

_POSTING, _MODERATION = "whoCanPostMessage", "messageModerationLevel"
_AS_GROUP, _NOTICE, _ARCHIVE = "membersCanPostAsTheGroup", "sendMessageDenyNotification", "archiveOnly"
_MANAGERS, _LARGEST = "managers", "maxMessageBytes"
_POSTING_SETTINGS = (_POSTING, _MODERATION, _AS_GROUP, _NOTICE, _ARCHIVE, _LARGEST)
_CLOSED = "NONE_CAN_POST"


class GroupPosting(Spec):
    """The rules for posting to a group: who may post, and whose messages need a manager's approval."""

    effects = declare_effects(
        {
            "who_can_post": (
                Effect("mail from outside to {name} is refused", moves_from("ANYONE_CAN_POST"), meets_outside=True),
                Effect(
                    "some people can no longer post to {name}",
                    becomes("ALL_OWNERS_CAN_POST", "ALL_MANAGERS_CAN_POST", "ALL_MEMBERS_CAN_POST"),
                    meets_outside=True,
                ),
            ),
            "moderation": Effect(
                "messages to {name} wait for a moderator",
                becomes("MODERATE_ALL_MESSAGES", "MODERATE_NON_MEMBERS", "MODERATE_NEW_MEMBERS"),
                meets_outside=True,
            ),
            "post_as_group": Effect("members can no longer post as {name}", switches_off),
        },
        {Harmless.NOTICE: ("deny_notices",), Harmless.CHECKED: ("managers",)},
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            _ARCHIVE: "shows whether the group is archived. No one can post to an archived group",
            _LARGEST: "the largest message that the group accepts",
        }
    )

    who_can_post: Annotated[
        Literal[
            "ALL_OWNERS_CAN_POST",
            "ALL_MANAGERS_CAN_POST",
            "ALL_MEMBERS_CAN_POST",
            "ALL_IN_DOMAIN_CAN_POST",
            "ANYONE_CAN_POST",
        ],
        Setting(TEXT, wire=_POSTING),
    ] = declare(
        (
            "Says who may post. Google has no list of permitted senders, so if only some people may post, they must be "
            "managers."
        ),
        "ALL_MANAGERS_CAN_POST",
        default="ALL_IN_DOMAIN_CAN_POST",
    )
    moderation: Annotated[
        Literal["MODERATE_ALL_MESSAGES", "MODERATE_NON_MEMBERS", "MODERATE_NEW_MEMBERS", "MODERATE_NONE"],
        Setting(TEXT, wire=_MODERATION),
    ] = declare("Says whose messages need a manager's approval.", "MODERATE_NON_MEMBERS", default="MODERATE_NONE")
    post_as_group: Annotated[bool, Setting(FLAG, wire=_AS_GROUP)] = declare(
        "Says whether members may post as the group itself. A message from the group itself is not moderated.",
        default=False,
    )
    deny_notices: Annotated[bool, Setting(FLAG, wire=_NOTICE)] = declare(
        "Says whether the sender is notified of a rejected message.", True, default=False
    )
    managers: Annotated[Listed | None, Setting(ADDRESSES, wire=_MANAGERS, at_least=True, by_hand=True)] = declare(
        "Lists people who must be managers or owners. Until they are, toolkit does not change the group. toolkit "
        "does not appoint managers.",
        ["head@example-primary.example"],
    )

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the settings for Google's API, which writes true and false as words. Managers are left out.

        toolkit does not appoint managers.
        """
        table = cls.table()
        wire = {table[name].wire: table[name].form.write(value) for name, value in settings.items()}
        return {name: _to_wire_value(value) for name, value in wire.items() if name != _MANAGERS}


def _to_wire_value(value: Json) -> Json:
    return str(value).lower() if isinstance(value, bool) else value


class _PostingGroups(FixedObjects):
    """Reads and changes the rules for posting to the groups that playbooks name. One request reads 50 groups."""

    none_created = "there is no group {name}, and toolkit does not create groups"
    none_deleted = "toolkit does not delete the group {name}"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Sequence[Remote | Unreadable]:
        match selection:
            case Everything():
                names = [str(row["email"]) for row in via.groups_settings.groups()]
            case NamedOnly(requested):
                names = sorted(requested)
        return list(_to_remotes(via, names))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:  # noqa: ARG002 - Endpoint's
        answer = via.groups_settings.patch(remote.name, body)
        return Remote(remote.id, remote.name, {**_select_posting_properties(answer), _MANAGERS: remote.body[_MANAGERS]})


def _to_remotes(via: GoogleWorkspace, names: Sequence[str]) -> Iterator[Remote | Unreadable]:
    answers = via.groups_settings.get_many(names)
    existing = [name for name, answer in zip(names, answers, strict=True) if not isinstance(answer, NotFound)]
    managers = dict(zip(existing, via.memberships.managers(existing), strict=True))
    errors = [answer for answer in (*answers, *managers.values()) if isinstance(answer, ServiceError)]
    failures = [error for error in errors if not isinstance(error, NotFound)]
    if failures and len(failures) >= len(existing):
        raise failures[0]
    for name, answer in zip(names, answers, strict=True):
        people = managers.get(name, ())
        if isinstance(answer, NotFound):
            continue
        if isinstance(answer, ServiceError) or isinstance(people, ServiceError):
            yield Unreadable(name, name, str(answer if isinstance(answer, ServiceError) else people))
        elif str(answer.get("email")).lower() != name:
            yield Unreadable(
                name, name, f"this is another address of the group {answer.get('email')}. Write {answer.get('email')}"
            )
        else:
            yield Remote(name, name, {**_select_posting_properties(answer), _MANAGERS: [*people]})


def _select_posting_properties(answer: Body) -> Body:
    """Return the rules for posting from a group's settings, because other kinds cover all other properties."""
    return {name: answer.get(name) for name in _POSTING_SETTINGS}


def _doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each group that is closed, and for each change after which a required sender could not post."""
    remotes = {remote.name: remote for remote in _to_remotes(via, [group.address.name for group in desired])}
    for group in desired:
        remote = remotes.get(group.address.name)
        if not isinstance(remote, Remote):
            continue
        if remote.body.get(_POSTING) == _CLOSED and "who_can_post" in group.origins:
            reason = (
                "the group is closed (archive only), and Google would open the group only to managers. Open the "
                "group by hand"
            )
            yield Doubt(group.address.name, "who_can_post", reason)
        managing = set(entries(GroupPosting.observed(remote.body)["managers"]))
        missing = [address for address in entries(group.settings.get("managers")) if address not in managing]
        if missing:
            reason = (
                f"{', '.join(missing)} could not post without approval, because they are not managers of the group. "
                "In the admin console, under Directory > Groups, make them managers first"
            )
            yield Doubt(group.address.name, "managers", reason)


def _names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Yield the groups whose messages are moderated, or to which only managers may post."""
    for remote in _PostingGroups().read(via, Everything()):
        if isinstance(remote, Remote) and not (
            remote.body[_MODERATION] == "MODERATE_NONE" and remote.body[_POSTING] in _OPEN
        ):
            yield remote.name


_OPEN = frozenset({"ALL_MEMBERS_CAN_POST", "ALL_IN_DOMAIN_CAN_POST", "ANYONE_CAN_POST"})


def _settings_on_withdrawal(written: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the settings for a withdrawal, which are the settings of a new group in Google."""
    defaults: Mapping[str, Json] = {"who_can_post": "ALL_IN_DOMAIN_CAN_POST", "moderation": "MODERATE_NONE"}
    return {name: value for name, value in defaults.items() if name in written}


KIND: Kind[GoogleWorkspace] = Kind(
    name="group_posting",
    title="posting to a group",
    plural="groups",
    spec=GroupPosting,
    endpoint=_PostingGroups(),
    reference="https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups",
    permissions=Permissions(
        read=needs("directory.groups.list", "directory.members.list", "groupsSettings.groups.get"),
        write=needs("groupsSettings.groups.patch"),
    ),
    settles=10.0,
    reach=Scale.TENANT,
    whole=False,
    fixed=True,
    logged=ADMIN,
    sample="""\
- google_workspace.group_posting: all-staff@example-primary.example
  moderation: MODERATE_NON_MEMBERS
  deny_notices: true
""",
    doubts=_doubts,
    names_there=_names_there,
    names=NameRules(check=check_name, identifies=True),
    lifecycle=Lifecycle(withdrawn=_settings_on_withdrawal),
    stops=ObjectEffects(area=EffectArea.MAIL),
)

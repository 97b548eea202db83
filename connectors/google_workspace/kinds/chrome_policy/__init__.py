"""Policies of Chrome and of ChromeOS devices, for the people of an organisational unit or a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kind_tables import refusal_of
from connectors.google_workspace.kinds.chrome_policy.lists import MOST
from connectors.google_workspace.kinds.chrome_policy.reading import GroupGone, Place, place_of, states
from connectors.google_workspace.kinds.chrome_policy.spec import (
    ChromePolicy,
    lists_above,
    restore_settings,
    withdraw_entries,
)
from connectors.google_workspace.kinds.chrome_policy.state import (
    State,
    Words,
    missing_word_problem,
    to_body,
    uses_words,
    words_of,
)
from connectors.google_workspace.kinds.chrome_policy.table import (
    NESTING,
    SCHEMAS,
    ChromeFieldType,
    check_setting,
    reaches,
    split_name,
    without_unit,
)
from connectors.google_workspace.kinds.chrome_policy.writing import write_many
from connectors.google_workspace.people import affects_everyone
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound, RequestFailed, Transient, answered
from toolkit.sdk import (
    Desired,
    Doubt,
    EffectArea,
    FixedObjects,
    Kind,
    Lifecycle,
    NamedOnly,
    NameRules,
    ObjectEffects,
    OtherObject,
    OtherObjects,
    Permissions,
    ReadScope,
    Remote,
    Scale,
    Unreadable,
    Write,
    mapping,
    text,
)
from toolkit.values import Body, effective, entries

if TYPE_CHECKING:
    from connectors.google_workspace.kinds.chrome_policy.table import Schema


class ChromePoliciesByName(FixedObjects):
    """The Chrome policies of units and groups. A policy exists at every target, even if nothing is set there."""

    none_created = "{name} already exists, or its unit does not exist. toolkit does not create it"
    none_deleted = "toolkit does not delete {name}. It removes only its own entries"

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        """Yield the state of the selected policies. Raise an error if several are selected and none can be read."""
        via.chrome.forget()
        names = sorted(selection.names) if isinstance(selection, NamedOnly) else []
        places: dict[str, Place] = {}
        for name in names:
            try:
                places[name] = place_of(via, split_name(name))
            except ValueError as invalid_name:
                yield Unreadable(name, name, str(invalid_name))
            except RequestFailed as error:
                if affects_everyone(error) or isinstance(error, Transient):
                    raise
                yield Unreadable(name, name, str(error), gone=isinstance(error, GroupGone))
        policy_states = states(via, places.values())
        _raise_if_all_failed([policy_states[place] for place in places.values()])
        for name, place in places.items():
            yield _to_remote(via, name, place, policy_states[place])

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote:
        (outcome,) = self.write_many(via, [Write(name, body, remote)])
        return answered(outcome)

    def write_many(self, via: GoogleWorkspace, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Change many policies, with one request for each target and namespace.

        Return the outcome of each change, in order.
        """
        return write_many(via, writes)


def words_at(via: GoogleWorkspace, schema: Schema) -> Mapping[str, Words]:
    """Return the words that playbooks use for a policy's constants, from Google's present schema.

    The result is empty if no field of the policy has constants.
    """
    return words_of(schema, via.chrome.schema(schema.full_name)) if uses_words(schema) else {}


def _to_remote(via: GoogleWorkspace, name: str, place: Place, state: State | RequestFailed) -> Remote | Unreadable:
    if isinstance(state, RequestFailed):
        return Unreadable(name, name, str(state))
    try:
        return Remote(name, name, to_body(state, words_at(via, place.schema)))
    except NotFound:
        return Unreadable(name, name, f"Google no longer has the policy {place.schema.full_name}")
    except RequestFailed as error:
        return Unreadable(name, name, f"the words for the policy's values could not be read: {error}")


def _raise_if_all_failed(states: Sequence[State | RequestFailed]) -> None:
    """Raise the first error if there are several policies and none of them could be read."""
    errors = [state for state in states if isinstance(state, RequestFailed)]
    if len(errors) > 1 and len(errors) == len(states):
        raise errors[0]


_UNIT, _APP = "orgunits/", "app_id"


def names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Yield the names in playbooks of all policies that are set at units. The top unit comes first."""
    schemas = {schema.full_name: name for name, schema in SCHEMAS.items()}
    for path, row in _list_policies_at_units(via):
        if name := schemas.get(_read_schema_name(row)):
            app = _read_app_id(row)
            policy_name = f"{name} {app} @ {path}" if app else f"{name} @ {path}"
            if refusal_of(split_name, policy_name) is None:
                yield policy_name


def _find_uncovered_policies(via: GoogleWorkspace) -> Iterator[OtherObject]:
    """Yield the policies that are set at units and that this kind does not support."""
    covered = {schema.full_name for schema in SCHEMAS.values()}
    for path, row in _list_policies_at_units(via):
        if (schema := _read_schema_name(row)) not in covered:
            app = _read_app_id(row)
            policy_name = f"{schema.removeprefix('chrome.')} {app}".strip()
            yield OtherObject(f"{policy_name} @ {path}")


def _list_policies_at_units(via: GoogleWorkspace) -> Iterator[tuple[str, Body]]:
    """Yield the path of a unit with each policy that is set at the unit itself.

    Only this kind's namespaces are read.
    """
    namespaces = sorted({schema.namespace for schema in SCHEMAS.values()})
    for path, unit in sorted(via.units.all().items()):
        target = _UNIT + unit.id
        for row in (row for namespace in namespaces for row in via.chrome.effective_policies(target, namespace)):
            if text(mapping(row.get("sourceKey")).get("targetResource")) == target:
                yield path, row


def _read_schema_name(row: Body) -> str:
    return text(mapping(row.get("value")).get("policySchema"))


def _read_app_id(row: Body) -> str:
    return text(mapping(mapping(row.get("targetKey")).get("additionalTargetKeys")).get(_APP))


_INSTALL, _BLOCKED, _WEB = "app_install_type", "BLOCKED", "web:"


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about policies: words that Google's schema does not have, web apps, and lists that cannot work.

    Effective policies are not read again, and each schema is read once.
    """
    places = {resource.address.name: place_of(via, split_name(resource.address.name)) for resource in desired}
    current_states = states(via, places.values())
    for resource in desired:
        place = places[resource.address.name]
        yield from _find_word_doubts(via, resource, place)
        yield from _find_web_app_doubts(resource, place)
        if isinstance(state := current_states[place], State):
            yield from _find_list_doubts(resource, place, state)
            yield from _find_sign_in_doubts(resource, state)


def _find_word_doubts(via: GoogleWorkspace, desired: Desired, place: Place) -> Iterator[Doubt]:
    words = words_at(via, place.schema)
    for name, value in desired.settings.items():
        field = place.schema.field(name)
        if field and field.wire_name in words and isinstance(value, str):
            problem = missing_word_problem(place.schema, name, value, words[field.wire_name])
            yield from [Doubt(desired.address.name, name, problem)] if problem else []


def _find_web_app_doubts(desired: Desired, place: Place) -> Iterator[Doubt]:
    if place.app.startswith(_WEB) and desired.settings.get(_INSTALL) == _BLOCKED:
        reason = "Google cannot block a web app. Block its address with users.UrlBlocking"
        yield Doubt(desired.address.name, _INSTALL, reason)


def _find_list_doubts(desired: Desired, place: Place, state: State) -> Iterator[Doubt]:
    table = ChromePolicy.table()
    for field in place.schema.fields:
        if field.takes not in (ChromeFieldType.BLOCKED, ChromeFieldType.ALLOWED) or field.name not in desired.settings:
            continue
        existing = table[field.name].form.read(state.value.get(field.wire_name))
        count = len(entries(effective(desired.settings[field.name], existing)))
        if count > MOST:
            reason = (
                f"with the {len(entries(existing)):,} existing entries, the list has {count:,}. Chrome accepts {MOST:,}"
            )
            yield Doubt(desired.address.name, field.name, reason)


_WHO, _LIST, _RESTRICTED = "device_allow_new_users", "user_allowlist", "RESTRICTED_LIST"


def _find_sign_in_doubts(desired: Desired, state: State) -> Iterator[Doubt]:
    """Yield a doubt if a change would leave the list of allowed sign-ins empty."""
    if _LIST in desired.settings:
        table, settings = ChromePolicy.table(), desired.settings
        remaining = effective(settings[_LIST], table[_LIST].form.read(state.value.get(table[_LIST].wire)))
        if str(settings.get(_WHO) or state.value.get(table[_WHO].wire)).endswith(_RESTRICTED) and not entries(
            remaining
        ):
            yield Doubt(desired.address.name, _LIST, "the list would be empty, and no one could use a Chromebook")


KIND = Kind(
    name="chrome_policy",
    title="Chrome policy",
    plural="Chrome policies",
    spec=ChromePolicy,
    endpoint=ChromePoliciesByName(),
    reference="https://developers.google.com/chrome/policy/guides/policy-schemas",
    permissions=Permissions(
        read=needs(
            "chromepolicy.customers.policies.resolve",
            "directory.orgunits.list",
            "directory.groups.get",
            "directory.members.list",  # the people that a policy applies to: see this cloud's precedence
            "directory.users.list",
        ),
        write=needs("chromepolicy.customers.policies.orgunits.batchModify"),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    reach=Scale.UNIT,
    targets=reaches,
    nesting=NESTING,
    logged=ADMIN,
    sample="""\
- google_workspace.chrome_policy: users.UrlBlocking @ /Staff
  url_blocklist: [web.whatsapp.com, web.telegram.org]
""",
    doubts=doubts,
    names=NameRules(
        check=partial(refusal_of, split_name),
        check_setting=check_setting,
        same_object=without_unit,
        not_looked_for="policies for groups, and policies of kiosks, printers and networks",
    ),
    names_there=names_there,
    other_objects=OtherObjects("Chrome policies", _find_uncovered_policies),
    lifecycle=Lifecycle(withdrawn=withdraw_entries, restores=restore_settings, lists_above=lists_above),
    stops=ObjectEffects(area=EffectArea.DEVICES),
)

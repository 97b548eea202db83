"""Compare the settings of controls with the minimums that policy clauses require."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.catalogue.naming import Catalogue, resolve
from toolkit.controls.blocking import Blocking
from toolkit.controls.control import ControlSettings
from toolkit.controls.data import UNDECIDED
from toolkit.messages import one_of
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.playbook.policy import BLOCK, parse_block_entries
from toolkit.playbook.policy_entries import Clause, Floor, Test
from toolkit.records import dataclass
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.reason import ControlName, Reason, ReasonCode
from toolkit.sdk.resource import Mode, Origin
from toolkit.values import Json

_NOT_DECIDED = ReasonCode(
    "setting_not_decided",
    admin="`{setting}` of {control} is undecided at {origin}",
    governor="a setting of {control} has not been decided",
)
_LEFT_OPEN = ReasonCode(
    "app_left_open",
    admin="{control} leaves {apps} open because of `allow` at {origin}, but the policy requires a block",
    governor="{control} leaves {apps} open, but the policy requires a block",
)
_TOO_LITTLE = ReasonCode(
    "less_than_the_policy",
    admin="{control} has {said} at {origin}, and the policy requires {least}",
    governor="{control}: {plainly}, and the policy requires {at_least}",
)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A control's setting that is undecided, or that is below the minimum of a policy clause."""

    control: str
    reason: Reason
    is_undecided: bool
    origin: Origin  # in the playbook


def entries_of_control(playbooks: Playbooks, control: str) -> Sequence[ControlEntry]:
    """Return the playbook entries for a control."""
    return [
        entry
        for playbook in playbooks.playbooks
        for entry in playbook.controls
        if entry.name == control and entry.mode is not Mode.OFF
    ]


def find_shortfalls(clause: Clause, playbooks: Playbooks) -> Iterator[Shortfall]:
    """Yield the settings that are below a policy clause's minimum.

    If a control has two entries, the better entry counts.
    """
    for control, floors in _floors_by_control(clause.floor).items():
        entries = entries_of_control(playbooks, control)
        shortfall_lists = [
            [shortfall for floor in floors if (shortfall := _find_shortfall(floor, entry, playbooks.apps))]
            for entry in entries
        ]
        yield from min(shortfall_lists, key=len, default=[])


def _floors_by_control(floors: Sequence[Floor]) -> Mapping[str, Sequence[Floor]]:
    together: dict[str, list[Floor]] = {}
    for floor in floors:
        together.setdefault(floor.control, []).append(floor)
    return together


def _find_shortfall(floor: Floor, entry: ControlEntry, apps: Catalogue) -> Shortfall | None:
    value = _setting_value(entry.settings, floor.setting)
    if entry.school and floor.test is Test.COVERS:  # the role in the school, and not its name in the whole tenant
        value = entry.written.get(floor.setting, value)
    if _meets_minimum(floor, entry.settings, value, apps):
        return None
    undecided = floor.test is Test.DECIDED
    opened = _apps_left_open(floor, entry.settings, value, apps)
    origin = Origin(entry.origin.path, entry.lines.get("allow" if opened else floor.setting, entry.origin.line))
    if undecided:
        reason = _NOT_DECIDED(setting=floor.setting, control=ControlName(entry.name), origin=str(origin))
    elif opened:
        reason = _LEFT_OPEN(control=ControlName(entry.name), apps=", ".join(opened), origin=str(origin))
    else:
        reason = _TOO_LITTLE(
            control=ControlName(entry.name),
            said=_format_setting(floor, entry.settings, value, apps),
            plainly=_describe_setting(floor, entry.settings, value, apps),
            origin=str(origin),
            least=_describe_minimum(floor, entry.settings, value, apps, plainly=False),
            at_least=_describe_minimum(floor, entry.settings, value, apps, plainly=True),
        )
    return Shortfall(entry.name, reason, undecided, origin)


def _setting_value(settings: ControlSettings, setting: str) -> Json:
    written: Mapping[str, Json] = settings.model_dump(mode="json", by_alias=True)
    return written[setting]


def _meets_minimum(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue) -> bool:
    minimum = floor.value
    match floor.test, value, minimum:
        case Test.AT_LEAST, int(), int():
            enough = value >= minimum and not isinstance(value, bool)
        case Test.AT_MOST, int(), int():
            enough = value <= minimum and not isinstance(value, bool)
        case Test.INCLUDES, _, _:
            enough = not _missing_entries(floor, settings, value, apps)
        case Test.EQUALS, _, _:
            enough = value == minimum and isinstance(value, bool) is isinstance(minimum, bool)
        case Test.ONE_OF, _, [*allowed]:
            enough = value in allowed
        case Test.COVERS, _, _:
            enough = (value or EVERYONE) in {EVERYONE, minimum}
        case Test.DECIDED, _, _:
            enough = value not in {UNDECIDED, None}
        case _:
            enough = False
    return enough


def _missing_entries(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue) -> list[str]:
    """Return the entries that a clause requires and that a list does not contain.

    A block list is compared app by app.
    """
    minimum = parse_block_entries(floor.value)
    if isinstance(settings, Blocking) and floor.setting == BLOCK:
        closed = {app.name for app in settings.apps if not settings.opens(app)}
        return [app.name for app in resolve(minimum, apps) if app.name not in closed]
    there = {str(entry).casefold() for entry in value} if isinstance(value, list) else set()
    return [str(entry) for entry in minimum if str(entry).casefold() not in there]


def _apps_left_open(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue) -> list[str]:
    """Return the apps that a control leaves open although its block list contains every required entry."""
    if not isinstance(settings, Blocking) or floor.test is not Test.INCLUDES:
        return []
    listed = {app.name for app in settings.apps}
    lacking = _missing_entries(floor, settings, value, apps)
    return lacking if all(name in listed for name in lacking) else []


def _format_setting(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue) -> str:
    match floor.test:
        case Test.INCLUDES:
            return f"`{floor.setting}` without {', '.join(_missing_entries(floor, settings, value, apps))}"
        case Test.COVERS:
            return f"`for: {value}`"
        case _:
            return f"`{floor.setting}: {_format_value(value)}`"


def _describe_setting(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue) -> str:
    """Return a control's setting in plain words, for readers who do not know the setting's name."""
    setting = floor.setting.replace("_", " ")
    match floor.test:
        case Test.INCLUDES:
            return f"{setting} does not include {one_of(_missing_entries(floor, settings, value, apps), 'and')}"
        case Test.COVERS:
            return f"it is only for {_value_in_words(value)}"
        case _:
            return f"{setting} is {_value_in_words(value)}"


def _describe_minimum(floor: Floor, settings: ControlSettings, value: Json, apps: Catalogue, *, plainly: bool) -> str:
    """Return the minimum of a setting as text, either as in a playbook or in plain words."""
    minimum = floor.value
    match floor.test:
        case Test.AT_LEAST:
            return f"{minimum} or more"
        case Test.AT_MOST:
            return f"{minimum} or less"
        case Test.INCLUDES:
            return "it" if len(_missing_entries(floor, settings, value, apps)) == 1 else "them"
        case Test.ONE_OF:
            choices = minimum if isinstance(minimum, list) and minimum else ["nothing"]
            return one_of([_value_in_words(choice) if plainly else f"`{_format_value(choice)}`" for choice in choices])
        case Test.COVERS:
            return f"it for {_value_in_words(minimum)}" if plainly else f"`for: {_format_value(minimum)}`"
        case _:
            return _value_in_words(minimum) if plainly else f"`{floor.setting}: {_format_value(minimum)}`"


def _value_in_words(value: Json) -> str:
    """Return a setting's value in plain words, such as `on` for true."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "not set"
    if isinstance(value, list):
        return one_of([_value_in_words(entry) for entry in value], "and") if value else "empty"
    return str(value).replace("_", " ")


def _format_value(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)

"""Every setting of the Policy API that has words, with its fields, and what is known of some that have none."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from connectors.google_workspace.kind_tables import effect_of, read_table
from toolkit.records import dataclass
from toolkit.sdk import Effect, SettingEffect, becomes, in_camel_case
from toolkit.values import Json


class PolicyFieldType(StrEnum):
    """What a field holds."""

    FLAG = "flag"
    NUMBER = "number"
    WORD = "word"  # one of Google's words in capitals
    TEXT = "text"
    DURATION = "duration"
    INSTANT = "instant"
    LIST = "list"
    RULES = "rules"  # a list of rules, of which the descriptions are compared; what they do is read raw
    RULE_STATES = "rule_states"  # a list of rules with whether each is on, of which the ids of those on are compared


class Reducer(StrEnum):
    """How several policies on one setting become one value, by Google's names for it."""

    MAX = "Max"  # of one unit's policies the last counts, whole
    MERGE = "Merge"  # the last that says something of a field counts for it; lists are joined
    MAX_MAP = "MaxMap"  # of the entries of a list that have the same key the last counts
    EACH = "each"  # not Google's: every policy is an object of its own, known by its display name


@dataclass(frozen=True, slots=True)
class PolicyField:
    """One field of a setting: how a playbook and Google call it, and what it holds."""

    name: str
    takes: PolicyFieldType
    meaning: str
    example: Json
    words: tuple[str, ...] = ()  # all that Google documents; none where it documents no complete list
    default: Json = None  # what a field that Google leaves out is documented to hold
    wire: str = ""  # without it the name in Google's spelling
    also: str = ""  # another word of Google's for the default, which its documentation has
    effect: SettingEffect | None = field(default=None, compare=False)

    @property
    def wire_name(self) -> str:
        """Give Google's name of the field."""
        return self.wire or in_camel_case(self.name)


@dataclass(frozen=True, slots=True)
class SettingType:
    """One setting of the console, as the Policy API calls it, and where a person finds it."""

    name: str
    title: str
    console: str  # behind `Admin console >`
    fields: Sequence[PolicyField]
    reducer: Reducer = Reducer.MAX
    key: str = ""  # of Reducer.MAX_MAP: the field of an entry by which it is known
    absent: str = ""  # the one field's word where the service shows no policy of the type at all
    also: str = ""  # another spelling of the name, which Google's documentation has
    raw_defaults: Mapping[str, Json] = field(default_factory=dict)  # of fields that have no words, in Google's names

    @property
    def names(self) -> tuple[str, ...]:
        """List the types that are this setting."""
        return (self.name, self.also) if self.also else (self.name,)

    @property
    def defaults(self) -> dict[str, Json]:
        """Give what the fields hold that Google leaves out, in Google's names."""
        words = {
            table_field.wire_name: table_field.default for table_field in self.fields if table_field.default is not None
        }
        return {**self.raw_defaults, **words}

    @property
    def raw(self) -> "SettingType":
        """Return the same setting with Google's names for all of its fields."""
        return replace(self, fields=(), absent="", raw_defaults=self.defaults)

    def without_words(self, name: str) -> bool:
        """Say whether a field, by Google's name, is one that the words do not show, or show in part."""
        partly = (PolicyFieldType.RULES, PolicyFieldType.RULE_STATES)
        return name not in {table_field.wire_name for table_field in self.fields if table_field.takes not in partly}


def read_setting(name: str, row: Mapping[str, Any]) -> SettingType:
    fields = tuple(read_field(field, written) for field, written in row.get("fields", {}).items())
    options = {key: value for key, value in row.items() if key not in ("fields", "reducer")}
    return SettingType(name=name, fields=fields, reducer=Reducer(row.get("reducer", Reducer.MAX)), **options)


def read_field(name: str, row: Mapping[str, Any]) -> PolicyField:
    """Read a field as the table has it: what it holds stands before what it means."""
    takes = next(kind for kind in PolicyFieldType if kind in row)
    meaning = f"Says whether {row[takes]}." if takes is PolicyFieldType.FLAG else row[takes]
    options = {name: row[name] for name in ("default", "wire", "also") if name in row}
    return PolicyField(
        name, takes, meaning, row["example"], tuple(row.get("words", ())), effect=effect_of(row), **options
    )


NOT_LICENSED = "NOT_LICENSED"
"""What `service_state` is where Google shows nothing of a service: the school has no licence for it."""

_SERVICES = (
    "ad_manager", "ads", "adsense", "ai_studio", "alerts", "analytics", "applied_digital_skills", "appsheet",
    "arts_and_culture", "beyondcorp_enterprise", "blogger", "bookmarks", "books", "calendar", "campaign_manager",
    "chat", "chrome_canvas", "chrome_remote_desktop", "chrome_sync", "chrome_web_store", "classroom", "cloud",
    "cloud_search", "colab", "cs_first", "data_studio", "developers", "domains", "drive_and_docs", "early_access_apps",
    "earth", "enterprise_service_restrictions", "experimental_apps", "feedburner", "fi", "gemini_app", "gmail",
    "google_bookmarks", "groups", "groups_for_business", "jamboard", "keep", "location_history", "managed_play",
    "maps", "material_gallery", "meet", "merchant_center", "messages", "migrate", "my_business", "my_maps", "news",
    "notebooklm", "partner_dash", "pay", "pay_for_business", "photos", "pinpoint", "play", "play_books",
    "play_books_partner_center", "play_console", "public_data", "question_hub", "read_along", "scholar_profiles",
    "search_ads_360", "search_and_assistant", "search_console", "sites", "socratic", "takeout", "tasks",
    "third_party_app_backups", "translate", "trips", "vault", "voice", "work_insights", "workspace_studio", "youtube",
)  # fmt: skip
_STATE = PolicyField(
    "service_state",
    PolicyFieldType.WORD,
    "Says whether the service is on; NOT_LICENSED where the school does not have it.",
    "DISABLED",
    words=("ENABLED", "DISABLED", NOT_LICENSED),
    effect=Effect("{name} no longer works", becomes(NOT_LICENSED, "DISABLED")),
)
_PLACE = "Apps > Google Workspace, or Apps > Additional Google services > Service status"

_SETTINGS = tuple(read_setting(*row) for row in read_table(__package__, "console_settings.toml").items())
TYPES: Mapping[str, SettingType] = MappingProxyType(
    {
        **{setting.name: setting for setting in _SETTINGS if setting.fields},
        **{
            f"{name}.service_status": SettingType(
                f"{name}.service_status", "Services", _PLACE, (_STATE,), absent=NOT_LICENSED
            )
            for name in _SERVICES
        },
    }
)
_BY_NAME = {name: setting for setting in (*TYPES.values(), *_SETTINGS) for name in setting.names}
_OBJECTS = ("rule.", "detector.")


def known_name(setting: str) -> str:
    """Return the name that a setting has here, whichever of Google's two spellings of it is given."""
    return _BY_NAME[setting].name if setting in _BY_NAME else setting


def raw_type(setting: str) -> SettingType:
    """Return a setting of any type, known or not, with Google's names for its fields."""
    if setting in _BY_NAME:
        return _BY_NAME[setting].raw
    return SettingType(setting, setting, "", (), Reducer.EACH if setting.startswith(_OBJECTS) else Reducer.MAX)

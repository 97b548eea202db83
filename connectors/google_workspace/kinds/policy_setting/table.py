"""The settings of the Policy API that playbooks can name, with their fields, and the defaults of some other types."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from connectors.google_workspace.kind_tables import effect_of, read_table
from toolkit.records import dataclass
from toolkit.sdk import Effect, SettingEffect, becomes, to_camel_case
from toolkit.values import Json


class PolicyFieldType(StrEnum):
    """The type of the values of a field."""

    FLAG = "flag"
    NUMBER = "number"
    WORD = "word"  # one of Google's words in capitals
    TEXT = "text"
    DURATION = "duration"
    INSTANT = "instant"
    LIST = "list"
    RULES = "rules"  # a list of rules; their descriptions are compared, and their actions are read in Google's form
    RULE_STATES = "rule_states"  # a list of rules with their states; the ids of the rules that are on are compared


class Reducer(StrEnum):
    """The way in which several policies for a setting become one value, with Google's names."""

    MAX = "Max"  # the last policy of a unit counts as a whole
    MERGE = "Merge"  # the last policy with a field counts for it; lists are joined
    MAX_MAP = "MaxMap"  # the last list entry with the same key counts
    EACH = "each"  # not Google's: every policy is a separate object with a display name


@dataclass(frozen=True, slots=True)
class PolicyField:
    """A field of a setting: its name in playbooks, its name in Google's API, and its type."""

    name: str
    takes: PolicyFieldType
    meaning: str
    example: Json
    words: tuple[str, ...] = ()  # all values that Google documents; empty if there is no complete list
    default: Json = None  # the documented value of a field that Google leaves out
    wire: str = ""  # if empty, the name in Google's spelling
    also: str = ""  # Google's documented synonym for the default
    effect: SettingEffect | None = field(default=None, compare=False)

    @property
    def wire_name(self) -> str:
        """Return Google's name of the field."""
        return self.wire or to_camel_case(self.name)


@dataclass(frozen=True, slots=True)
class SettingType:
    """A setting of the admin console: its name in the Policy API, its fields, and its page in the console."""

    name: str
    title: str
    console: str  # after `Admin console >`
    fields: Sequence[PolicyField]
    reducer: Reducer = Reducer.MAX
    key: str = ""  # for Reducer.MAX_MAP, the field that identifies an entry
    absent: str = ""  # the value of its only field if the service shows no policy of the type
    also: str = ""  # another spelling of the name in Google's documentation
    raw_defaults: Mapping[str, Json] = field(
        default_factory=dict
    )  # for fields that are not in the table, in Google's names

    @property
    def names(self) -> tuple[str, ...]:
        """Return all names that Google uses for the type of this setting."""
        return (self.name, self.also) if self.also else (self.name,)

    @property
    def defaults(self) -> dict[str, Json]:
        """Return the default values of the fields, with Google's names."""
        words = {
            table_field.wire_name: table_field.default for table_field in self.fields if table_field.default is not None
        }
        return {**self.raw_defaults, **words}

    @property
    def raw(self) -> "SettingType":
        """Return the same setting with Google's names for all of its fields."""
        return replace(self, fields=(), absent="", raw_defaults=self.defaults)

    def without_words(self, name: str) -> bool:
        """Return whether the table does not have a field, or has only a part of the field's value."""
        partly = (PolicyFieldType.RULES, PolicyFieldType.RULE_STATES)
        return name not in {table_field.wire_name for table_field in self.fields if table_field.takes not in partly}


def read_setting(name: str, row: Mapping[str, Any]) -> SettingType:
    fields = tuple(read_field(field, written) for field, written in row.get("fields", {}).items())
    options = {key: value for key, value in row.items() if key not in ("fields", "reducer")}
    return SettingType(name=name, fields=fields, reducer=Reducer(row.get("reducer", Reducer.MAX)), **options)


def read_field(name: str, row: Mapping[str, Any]) -> PolicyField:
    """Return the field in a row of the table. The row names the type of the field as the key of its description."""
    takes = next(kind for kind in PolicyFieldType if kind in row)
    meaning = f"Says whether {row[takes]}." if takes is PolicyFieldType.FLAG else row[takes]
    options = {name: row[name] for name in ("default", "wire", "also") if name in row}
    return PolicyField(
        name, takes, meaning, row["example"], tuple(row.get("words", ())), effect=effect_of(row), **options
    )


NOT_LICENSED = "NOT_LICENSED"
"""The value of `service_state` if Google shows nothing for a service, because the school has no licence."""

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
    "Says whether the service is on. NOT_LICENSED means that the school has no licence.",
    "DISABLED",
    words=("ENABLED", "DISABLED", NOT_LICENSED),
    effect=Effect("{name} no longer [works|work]", becomes(NOT_LICENSED, "DISABLED")),
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
    """Return the name of a setting in the table, from either of Google's two spellings."""
    return _BY_NAME[setting].name if setting in _BY_NAME else setting


def raw_type(setting: str) -> SettingType:
    """Return a setting of any type with Google's names for its fields. The type need not be in the table."""
    if setting in _BY_NAME:
        return _BY_NAME[setting].raw
    return SettingType(setting, setting, "", (), Reducer.EACH if setting.startswith(_OBJECTS) else Reducer.MAX)

"""Settings-catalogue policies with lists of addresses that Edge and Chrome block or open on Windows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from connectors.microsoft365.intune import Via, assignments
from connectors.microsoft365.intune.catalogue import CataloguePolicies, CataloguePolicy, catalogue_kind
from connectors.microsoft365.intune.catalogue_settings import (
    PREFIX,
    CatalogueSetting,
    definition_of,
    shown_settings,
    to_unknown_property,
)
from connectors.microsoft365.intune.client import CATALOGUE, WITH_SETTINGS
from toolkit.catalogue.guard import find_blocked_host
from toolkit.errors import Rejected
from toolkit.records import dataclass
from toolkit.sdk import (
    PATTERNS,
    Desired,
    Doubt,
    Effect,
    Join,
    Lacks,
    Listed,
    Setting,
    UnknownProperty,
    Within,
    adds_entries,
    declare,
    declare_effects,
    mapping,
    mappings,
    removes_entries,
    texts,
    written_entries,
)
from toolkit.values import Body, Json, effective, entries

_EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge"
_CHROME = "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome"
MOST = 1000
"""The maximum number of entries in a browser's list. https://learn.microsoft.com/deployedge/microsoft-edge-policies"""


@dataclass(frozen=True, slots=True)
class UrlList(CatalogueSetting):
    """A list of addresses. In a policy, the list is nested in a choice setting that turns it on."""

    @property
    def _list_definition(self) -> str:
        """Return the id of the list inside the choice setting, such as `..._urlblocklist_urlblocklistdesc`."""
        return f"{self.definition}_{self.definition.rpartition('_')[2]}desc"

    def read_value(self, instance: Body) -> Json:
        """Return the addresses in the list, or an empty list if the list is turned off."""
        chosen = mapping(instance.get("choiceSettingValue"))
        lists = mappings(chosen.get("children")) if chosen.get("value") == f"{self.definition}_1" else []
        own_lists = [child for child in lists if definition_of(child) == self._list_definition]
        return [
            str(entry["value"])
            for own_list in own_lists
            for entry in mappings(own_list.get("simpleSettingCollectionValue"))
        ]

    def to_content(self, value: Json) -> Body:
        values: list[Json] = [{"@odata.type": f"{PREFIX}StringSettingValue", "value": entry} for entry in texts(value)]
        inside: Body = {
            "@odata.type": f"{PREFIX}SimpleSettingCollectionInstance",
            "settingDefinitionId": self._list_definition,
            "simpleSettingCollectionValue": values,
        }
        on: Body = {"@odata.type": f"{PREFIX}ChoiceSettingValue", "value": f"{self.definition}_1", "children": [inside]}
        return {"@odata.type": f"{PREFIX}ChoiceSettingInstance", "choiceSettingValue": on}

    def unknown_parts(self, instance: Body) -> Iterator[UnknownProperty]:
        chosen = mapping(instance.get("choiceSettingValue"))
        if chosen.get("value") not in (f"{self.definition}_0", f"{self.definition}_1"):
            yield to_unknown_property(instance)
        else:
            children = mappings(chosen.get("children"))
            yield from (
                to_unknown_property(child) for child in children if definition_of(child) != self._list_definition
            )


LISTS: Mapping[str, UrlList] = {
    "edge_url_blocklist": UrlList(f"{_EDGE}_urlblocklist", "Edge's URL blocklist"),
    "edge_url_allowlist": UrlList(f"{_EDGE}_urlallowlist", "Edge's URL allowlist"),
    "chrome_url_blocklist": UrlList(f"{_CHROME}_urlblocklist", "Chrome's URL blocklist"),
    "chrome_url_allowlist": UrlList(f"{_CHROME}_urlallowlist", "Chrome's URL allowlist"),
}
DEFINITIONS: Mapping[str, str] = {name: url_list.definition for name, url_list in LISTS.items()}


@dataclass(frozen=True, slots=True)
class BrowserUrlPolicies(CataloguePolicies):
    """The settings-catalogue policies that contain at least one of the four address lists."""

    def refuse(self, name: str, written: Body) -> None:
        for setting, listed in written.items():
            if (count := len(texts(listed))) > MOST:
                raise Rejected(f"{name}: {LISTS[setting].title} would have {count:,} entries. Browsers allow {MOST:,}")


def shown_lists(row: Body) -> Body:
    """Return the addresses in each list of a policy. A list that is unset or turned off is empty."""
    return shown_settings(row, LISTS)


def doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each group that is missing, and for each list that would become too long."""
    yield from assignments.doubts(via, desired)
    yield from _find_long_lists(via, desired)


def _find_long_lists(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each list that would become too long, because it keeps the entries that other people added."""
    lists_by_name = {
        str(row.get("name")).casefold(): shown_lists(row) for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS)
    }
    for entry in desired:
        now = lists_by_name.get((entry.handling.adopt or entry.address.name).casefold(), {})
        for name in LISTS:
            count = len(entries(effective(entry.settings.get(name), tuple(texts(now.get(name))))))
            if count > MOST:
                yield Doubt(
                    entry.address.name, name, f"{count:,} entries are too many. Browsers allow {MOST:,} in a list"
                )


_PATTERN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://|\*://)?(?P<host>[^/:?]*)(:(\d{1,5}|\*))?(/[^\s]*)?(\?[^\s]*)?")


def _check_entries(value: Listed | None) -> Listed | None:
    listed = written_entries(value)
    for entry in listed:
        if wrong := _find_problem(entry):
            raise ValueError(f"{entry!r} {wrong}")
    if len(listed) > MOST:
        raise ValueError(f"{len(listed):,} entries are too many. Browsers allow {MOST:,} in a list")
    return value


def _find_problem(entry: str) -> str | None:
    """Return the problem with an address, or None if the address is valid.

    https://learn.microsoft.com/deployedge/edge-learnmmore-url-list-filter%20format
    """
    if not entry or any(sign.isspace() or sign in ",;" for sign in entry):
        return "is not a single address. Write each address as a separate entry"
    match = _PATTERN.fullmatch(entry)
    if not match:
        return "is not an address that browsers accept. Write one such as example.com or https://example.com/path"
    if match["host"] != "*" and "*" in match["host"]:
        return "has a * in the host, which browsers do not accept. A host includes its subdomains"
    return None


def _check_needed_sites(value: Listed | None) -> Listed | None:
    for entry in [] if isinstance(value, Lacks) else written_entries(value):
        if need := find_blocked_host(entry):
            raise ValueError(f"{entry} would block {need}, which must stay open")
    return value


_LIST = Setting(PATTERNS, at_least=True, join=Join.UNION)
_MOST = Within(f"at most {MOST:,} addresses, such as example.com or https://example.com/path")
_Blocked: TypeAlias = Annotated[
    Listed | None, AfterValidator(_check_entries), AfterValidator(_check_needed_sites), _MOST, _LIST
]
_Open: TypeAlias = Annotated[Listed | None, AfterValidator(_check_entries), _MOST, _LIST]


class BrowserUrlPolicy(CataloguePolicy):
    """A settings-catalogue policy with up to four lists of addresses. toolkit changes nothing else in the policy."""

    effects = declare_effects(
        {
            **dict.fromkeys(
                ("edge_url_blocklist", "chrome_url_blocklist"), Effect("blocked sites no longer open", adds_entries)
            ),
            **dict.fromkeys(
                ("edge_url_allowlist", "chrome_url_allowlist"), Effect("blocked sites no longer open", removes_entries)
            ),
        }
    )

    extra_setting_names = CataloguePolicy.extra_setting_names | frozenset(LISTS)
    catalogue = LISTS

    edge_url_blocklist: _Blocked = declare(
        "Addresses that Edge blocks. A host includes its subdomains.", ["web.whatsapp.com"]
    )
    edge_url_allowlist: _Open = declare(
        "Addresses that Edge opens even if another entry blocks them.", ["help.whatsapp.com"]
    )
    chrome_url_blocklist: _Blocked = declare(
        "Addresses that Chrome blocks. A host includes its subdomains.", ["web.whatsapp.com"]
    )
    chrome_url_allowlist: _Open = declare(
        "Addresses that Chrome opens even if another entry blocks them.", ["help.whatsapp.com"]
    )


KIND = catalogue_kind(
    "browser_url_policy",
    title="browser URL policy",
    plural="browser URL policies",
    endpoint=BrowserUrlPolicies(spec=BrowserUrlPolicy),
    sample="""\
- microsoft365.browser_url_policy: Chat in browsers
  edge_url_blocklist: [web.whatsapp.com]
  chrome_url_blocklist: [web.whatsapp.com]
  assigned_to: [all-staff@example-primary.example]
""",
    doubts=doubts,
)

"""Compares the settings of drawn accounts with the results of the emulator's own rules of precedence.

`python -m tests.effective.compare --accounts 300 --seed 1` draws tenants and prints the number of settings that were
counts and each difference. The emulator's code shares nothing with the connectors.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from tests.door import GOOGLE, MICROSOFT, Door, open_door
from tests.effective.draw import ACCOUNTS, PEOPLE, draw_tenant
from tests.emulated import Emulator, Tenant, running
from toolkit import api
from toolkit.engine.account import AccountQuestion, CloudSettings, Purpose, read_cloud_settings
from toolkit.engine.selection import EVERYTHING
from toolkit.engine.tenants import open_tenants
from toolkit.features import open_run
from toolkit.planning.account_settings import AccountSetting, LayerShown, SettingOutcome
from toolkit.sdk.providers import providers
from toolkit.settings.settings import read_settings
from toolkit.values import entries, plain

Row = tuple[str, ...]
"""A setting in a form that both sides have: its subject, outcome, value, winners and losers."""


@dataclass
class Comparison:
    """The number of counts settings by mechanism, and each setting that only one side has."""

    counts: Counter[str] = field(default_factory=Counter)
    accounts: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, account: str, emulated: Iterable[Row], answered: Iterable[Row]) -> None:
        """Add the settings of an account on one cloud."""
        first, second = set(emulated), set(answered)
        self.accounts += 1
        self.counts.update(row[0] for row in first | second)
        self.differences += [f"{account}: only the emulator: {' | '.join(row)}" for row in sorted(first - second)]
        self.differences += [f"{account}: only toolkit: {' | '.join(row)}" for row in sorted(second - first)]


def compare_tenant(tenant: Tenant, folder: Path, number: int, comparison: Comparison, most: int) -> list[str]:
    """Draw a tenant, compare its accounts on both clouds, and return their addresses."""
    addresses = draw_tenant(tenant, number)[:most]
    door = open_door(tenant, folder, samples=False)
    answered = dict(_answers(door, addresses))
    places = _places(tenant)
    for address in addresses:
        emulated = tenant.emulator.control("GET", f"/effective/{quote(address)}?tenant_id={tenant.tenant_id}")["clouds"]
        for provider in (MICROSOFT, GOOGLE):
            cloud = answered[address][provider]
            assert (cloud.failure, dict(cloud.unread_kinds)) == ("", {})
            comparison.add(
                f"tenant {number}, {address}, {provider}",
                _rows_of_emulator(emulated[provider], places),
                _rows_of_answer(cloud.settings),
            )
    return addresses


def _answers(door: Door, addresses: Sequence[str]) -> Iterator[tuple[str, Mapping[str, CloudSettings]]]:
    playbooks = api.load(door.playbooks)
    settings = read_settings(playbooks.root, {**door.variables})
    with (
        open_run(playbooks, EVERYTHING, command="account", settings=settings) as run,
        open_tenants(
            playbooks.school, providers(), run.context.target, identity=run.context.identity, read_only=True
        ) as reached,
    ):
        for address in addresses:
            question = AccountQuestion(address, Purpose.SUPPORT)
            moment: datetime = run.context.now
            yield (
                address,
                {
                    name: read_cloud_settings(reached, name, question, moment, context=run.context, playbooks=playbooks)
                    for name in (MICROSOFT, GOOGLE)
                },
            )


_MAIL = {
    "malware policy": "malware_filter", "spam policy": "content_filter", "anti-phishing policy": "anti_phish",
    "outbound policy": "outbound_spam", "Outlook on the web policy": "owa_mailbox", "sharing policy": "sharing",
}  # fmt: skip
_ACCESS = {
    "Conditional Access policy": "enforced",
    "Conditional Access policy that only reports": "report_only",
}
_UNKNOWN = "cannot tell"
_CHROME_VALUES = frozenset({"urlBlocklist", "browserGuestModeEnabled", "appInstallType"})


def _places(tenant: Tenant) -> Mapping[str, str]:
    """Return the unit or group of each policy of the Policy API, by the policy's name."""
    units = {key: row["orgUnitPath"] for key, row in tenant.objects("google.orgunits").items()}
    groups = {key: row["email"] for key, row in tenant.objects("google.groups").items()}
    names: dict[str, str] = {}
    for policy in tenant.objects("google.policies").values():
        query = policy["policyQuery"]
        group = groups.get(query.get("group", "").removeprefix("groups/"))
        names[policy["name"]] = f"group:{group}" if group else units.get(query.get("orgUnit", "")[9:], "/")
    return names


def _rows_of_emulator(settings: Iterable[Mapping[str, Any]], places: Mapping[str, str]) -> Iterator[Row]:
    for row in settings:
        value, key = row["value"], row["key"]
        winners, losers = row["winners"], row["losers"]
        match row["mechanism"]:
            case "mail_policy" if key in _MAIL.values():
                named = key in {"owa_mailbox", "sharing"}
                unknown = row["outcome"] == "unknown"
                yield ("mail", key, _UNKNOWN, "") if unknown else ("mail", key, value, "" if named else _join(losers))
            case "conditional_access":
                yield from (("sign-in", key, name) for name in winners)
            case "configuration" | "compliance" if not key.endswith("_urlblocklist"):  # only a switch for its list
                outcome = "cancelled" if row["outcome"] == "conflict" else row["outcome"]
                short = str(value).removeprefix(key) if row["mechanism"] == "configuration" else str(value)
                shown = short if outcome == "value" else ""
                yield (row["mechanism"], row["device"], key, outcome, shown, _join(winners), _join(losers))
            case "chrome_policy":
                values = {name: _sort_list(content) for name, content in value.items() if name in _CHROME_VALUES}
                yield ("chrome", key, str(sorted(values.items())), _join(winners), _join(losers))
            case "policy_api" if key in _CONSOLE and _CONSOLE[key] in value:
                names = [_join(places[name] for name in layers) for layers in (winners, losers)]
                yield ("console", key, str(value[_CONSOLE[key]]), *names)


_CONSOLE = {
    "gmail.imap_access": "enableImapAccess",
    "gmail.confidential_mode": "enableConfidentialMode",
    "chat.external_chat_restriction": "externalChatRestriction",
    "security.session_controls": "webSessionDuration",
}


def _rows_of_answer(settings: Sequence[AccountSetting]) -> Iterator[Row]:
    for title in dict.fromkeys(setting.title for setting in settings if setting.title in _MAIL):
        setting = next(row for row in settings if row.title == title)
        named = _MAIL[title] in {"owa_mailbox", "sharing"}
        if setting.outcome is SettingOutcome.CANNOT_TELL:
            yield ("mail", _MAIL[title], _UNKNOWN, "")
        else:
            yield ("mail", _MAIL[title], setting.winners[0].name, "" if named else _join(_names(setting.losers)))
    yield from {("sign-in", _ACCESS[row.title], row.rule) for row in settings if row.title in _ACCESS}
    yield from (_device_row(setting) for setting in settings if setting.device and _is_drawn(setting))
    yield from _chrome_rows(settings)
    yield from _console_rows(settings)


def _is_drawn(setting: AccountSetting) -> bool:
    """Return whether the emulator names a setting in a form that can be counts: policies of other kinds do not."""
    kinds = {layer.kind for layer in (*setting.winners, *setting.losers)}
    return bool(kinds) and all(kind.endswith("compliance_policy") or kind in _CATALOGUE for kind in kinds)


_CATALOGUE = frozenset({"settings_catalogue_policy", "browser_url_policy"})


def _device_row(setting: AccountSetting) -> Row:
    layers = (*setting.winners, *setting.losers)
    compliance = layers[0].kind.endswith("compliance_policy")
    key, value = setting.setting, str(setting.value)
    if compliance:
        key = f"{_TYPES[layers[0].kind]}.{_camel(key)}"
    elif layers[0].kind == "settings_catalogue_policy":
        key = key.removeprefix("settings.").rpartition(" > ")[2]
    else:
        key, value = _URL_LIST, str(sorted(entries(setting.value)))
    shown = value if setting.outcome is SettingOutcome.VALUE else ""
    names = (_join(_names(setting.winners)), _join(_names(setting.losers)))
    return ("compliance" if compliance else "configuration", setting.device, key, setting.outcome.value, shown, *names)


_URL_LIST = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist_urlblocklistdesc"
_TYPES = {
    "windows_compliance_policy": "windows10CompliancePolicy",
    "android_work_profile_compliance_policy": "androidWorkProfileCompliancePolicy",
}


def _chrome_rows(settings: Sequence[AccountSetting]) -> Iterator[Row]:
    chrome = [setting for setting in settings if setting.area == "Chrome" and setting.winners]
    unknown = (setting for setting in settings if setting.area == "Chrome" and not setting.winners)
    yield from (("chrome", setting.title, _UNKNOWN, *setting.reasons) for setting in unknown)
    for name in dict.fromkeys(setting.winners[0].name for setting in chrome):
        own = [setting for setting in chrome if setting.winners[0].name == name]
        policy, _, place = name.partition(" @ ")
        values = {_camel(row.setting): _sort_list(plain(row.value)) for row in own}
        losers = [_place_of(layer) for layer in own[0].losers]
        key = f"chrome.{policy}".replace(" ", "/")
        shown = {name: value for name, value in values.items() if name in _CHROME_VALUES and value is not None}
        yield ("chrome", key, str(sorted(shown.items())), place.removeprefix("group:"), _join(losers))


def _console_rows(settings: Sequence[AccountSetting]) -> Iterator[Row]:
    for setting in settings:
        if setting.area != "Admin console" or not setting.winners:
            continue
        kind, _, place = setting.winners[0].name.removeprefix("settings/").partition(" @ ")
        if kind in _CONSOLE and _CONSOLE[kind] == _camel(setting.setting):
            losers = [layer.name.partition(" @ ")[2] for layer in setting.losers]
            yield ("console", kind, str(setting.value), place, _join(losers))


def _sort_list(value: object) -> object:
    """Return a value in which the order of a list does not matter."""
    return sorted(value) if isinstance(value, list) else value


def _place_of(layer: LayerShown) -> str:
    return layer.name.partition(" @ ")[2].removeprefix("group:")


def _names(layers: Iterable[LayerShown]) -> list[str]:
    return [layer.name for layer in layers]


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def compare(emulator: Emulator, folder: Path, accounts: int, seed: int) -> Comparison:
    """Compare as many accounts as asked, in tenants of 30 accounts each."""
    comparison = Comparison()
    for number in range(-(-accounts // ACCOUNTS)):
        tenant = emulator.open_tenant(**PEOPLE)
        place = folder / str(number)
        place.mkdir()
        compare_tenant(tenant, place, seed * 1000 + number, comparison, min(ACCOUNTS, accounts - number * ACCOUNTS))
        tenant.close()
    return comparison


def main() -> int:
    """Compare the drawn accounts, print the result, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.effective.compare", description=__doc__)
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as directory, running(Path(directory) / "emulator") as emulator:
        folder = Path(directory) / "schools"
        folder.mkdir()
        comparison = compare(emulator, folder, options.accounts, options.seed)
    lines = [*comparison.differences, f"accounts on a cloud: {comparison.accounts}", f"settings: {comparison.counts}"]
    print("\n".join([*lines, f"differences: {len(comparison.differences)}"]))  # noqa: T201 - its answer
    return int(bool(comparison.differences))


if __name__ == "__main__":
    sys.exit(main())

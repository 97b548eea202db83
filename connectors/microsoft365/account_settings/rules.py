"""Rules and settings of the whole tenant that reach an account: mail rules, and settings for everyone."""

from collections.abc import Iterator, Mapping

from toolkit.sdk import AccountFacts, LayeredSettings, MailObject, Objects, SettingLayer, Truth, cannot_tell, kinds
from toolkit.values import Value

_RULE = "transport_rule"
_WHOLE_TENANT: Mapping[str, str] = {
    "external_in_outlook": "Mail",
    "connection_filter": "Mail",
    "security_defaults": "Sign-in",
    "web_idle_timeout": "Sign-in",
    "files_protection": "Files",
    "compliance_settings": "Devices",
}
KINDS = (_RULE, *_WHOLE_TENANT)
OBJECT_NAMES: Mapping[str, frozenset[str]] = {}
_SHOWN = ("state", "mode")


def named_groups(objects: Objects) -> frozenset[str]:
    """Return the groups in the conditions of mail rules."""
    kind = kinds("microsoft365")[_RULE]
    targets = [kind.reaches(rule.name, rule.settings) for rule in objects.get(_RULE, ()) if not rule.unreadable]
    return frozenset[str]().union(*(target.named_groups for target in targets))


def list_layers(facts: AccountFacts) -> Iterator[LayeredSettings]:
    """Yield the mail rules that may reach the account, then the settings for everyone."""
    rules = [
        SettingLayer(_RULE, rule.name, _read_state(rule), _reaches(_RULE, rule, facts))
        for rule in facts.objects.get(_RULE, ())
        if rule.settings.get("state") != "Disabled"
    ]
    yield LayeredSettings(
        area="Mail rules", title="mail rule", layers=tuple(rules), where="Exchange admin centre > Mail flow > Rules"
    )
    for kind, area in _WHOLE_TENANT.items():
        layers = [
            SettingLayer(kind, entry.name, _set_values(entry), _reaches(kind, entry, facts))
            for entry in facts.objects.get(kind, ())
        ]
        yield LayeredSettings(area=area, title=kinds("microsoft365")[kind].title, layers=tuple(layers))


def _reaches(kind: str, entry: MailObject, facts: AccountFacts) -> Truth:
    if entry.unreadable:
        return cannot_tell(entry.unreadable)
    return facts.reached_by(kinds("microsoft365")[kind].reaches(entry.name, entry.settings))


def _read_state(rule: MailObject) -> Mapping[str, Value]:
    return {name: value for name in _SHOWN if (value := rule.settings.get(name)) is not None}


def _set_values(entry: MailObject) -> Mapping[str, Value]:
    return {
        name: value for name, value in entry.settings.items() if value not in (None, (), "") and name != "managed_by"
    }

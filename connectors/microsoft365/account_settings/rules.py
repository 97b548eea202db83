"""Rules and settings of the whole tenant that reach an account: mail rules, and settings for everyone."""

from collections.abc import Iterator, Mapping

from toolkit.sdk import AccountFacts, LayeredSettings, MailObject, Objects, SettingLayer, Truth, cannot_tell, kinds
from toolkit.values import Value, entries

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
_EXCEPTIONS = ("except_if_from", "except_if_sent_to", "except_if_any_of_")


def named_groups(objects: Objects) -> frozenset[str]:
    """Return the groups in the conditions and exceptions of mail rules."""
    kind = kinds("microsoft365")[_RULE]
    rules = [rule for rule in objects.get(_RULE, ()) if not rule.unreadable]
    exceptions = [
        group.casefold()
        for rule in rules
        for name, value in rule.settings.items()
        if name.startswith(_EXCEPTIONS) and name.endswith("member_of")
        for group in entries(value)
    ]
    return frozenset(exceptions).union(*(kind.reaches(rule.name, rule.settings).named_groups for rule in rules))


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
    reached = facts.reached_by(kinds("microsoft365")[kind].reaches(entry.name, entry.settings))
    if reached.value and kind == _RULE and _may_spare(entry, facts):
        return cannot_tell("an exception of the rule may be about this account. Try a message with `toolkit message`")
    return reached


def _may_spare(rule: MailObject, facts: AccountFacts) -> bool:
    """Return whether an exception of a mail rule names the account, or a group that may have it as a member."""
    exceptions = {name: entries(value) for name, value in rule.settings.items() if name.startswith(_EXCEPTIONS)}
    for name, texts in exceptions.items():
        if name.endswith("member_of") and any(facts.is_in(group.casefold()).value is not False for group in texts):
            return True
        if facts.account.address in {entry.casefold() for entry in texts}:
            return True
    return False


def _read_state(rule: MailObject) -> Mapping[str, Value]:
    return {name: value for name in _SHOWN if (value := rule.settings.get(name)) is not None}


def _set_values(entry: MailObject) -> Mapping[str, Value]:
    return {
        name: value for name, value in entry.settings.items() if value not in (None, (), "") and name != "managed_by"
    }

"""Mail flow rules of Exchange: parameters, limits, recipients, changes, and the form that Get-TransportRule shows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.parameters import (
    CmdletParameter,
    Reach,
    Refused,
    read_parameters,
    shared_parameters,
)
from connectors.emulator.microsoft365.exchange.values import apply_change
from connectors.emulator.store import Body, Json

CONDITIONS, EXCEPTIONS, ACTIONS = (shared_parameters(name) for name in ("conditions", "exceptions", "actions"))
PARTS = (*CONDITIONS, *EXCEPTIONS, *ACTIONS)
_TABLE = read_data(Path(__file__).parent / "cmdlets.json")
NEW, SET = (read_parameters(_TABLE["cmdlets"][f"{verb}-TransportRule"]) for verb in ("New", "Set"))

_COMPUTED = {"Name", "Priority", "Enabled", "DomainController", "Confirm", "WhatIf"}
# Conditions that Get-TransportRule shows and that the reference of New-TransportRule does not list.
SHOWN_ALONE = (
    "ContentMatchesPrompt",
    "ContentMatchesPromptVerdict",
    "MessageContainsAllDataClassifications",
    "RecipientInSenderList",
    "SenderInRecipientList",
)
BLANK: Mapping[str, Json] = {
    **dict.fromkeys((*SHOWN_ALONE, *(f"ExceptIf{name}" for name in SHOWN_ALONE))),
    **{
        parameter.property_name: parameter.unset
        for parameter in NEW.values()
        if parameter.name not in _COMPUTED and parameter.reach is not Reach.RESERVED
    },
    "State": "Enabled",
    "DlpPolicyId": "00000000-0000-0000-0000-000000000000",
    "ManuallyModified": False,
    "RuleVersion": "14.0.0.0",
    "IsRuleConfigurationSupported": True,
    "RuleConfigurationUnsupportedReason": "",
    "OrganizationId": "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations",
    "ObjectState": "Unchanged",
    "CreatedBy": "",
    "LastModifiedBy": "",
    "IsValid": True,
    "WhenChanged": None,
}


def is_set(parameter: CmdletParameter, rule: Body) -> bool:
    """Return whether a rule uses the condition, exception or action that a parameter sets."""
    value = rule.get(parameter.property_name)
    return value is not None and value is not False and value not in ([], "")


def parameters_in_use(rule: Body, parts: tuple[CmdletParameter, ...] = PARTS) -> Iterator[CmdletParameter]:
    """Yield the parameters of the conditions, exceptions and actions that a rule uses."""
    return (parameter for parameter in parts if is_set(parameter, rule))


RULES = 300
BYTES = 8 * 1024  # maximum size of a rule's conditions, exceptions and actions
EXPRESSIONS = 20 * 1024  # characters of the regular expressions of all rules
_PATTERNS = tuple(parameter for parameter in PARTS if parameter.kind == "Pattern[]")


def check_rule(rule: Body, others: Sequence[Body]) -> None:
    """Raise Refused if Exchange would not accept a rule together with the other rules of the tenant."""
    name = str(rule["Name"])
    if any(str(other.get("Name")).lower() == name.lower() for other in others):
        raise Refused(f"A rule with the name '{name}' already exists. Rule names must be unique.")
    if not any(parameters_in_use(rule, ACTIONS)):
        raise Refused("The rule must have at least one action.")
    if (size := size_of_rule(rule)) > BYTES:
        raise Refused(f"The rule can't be saved because it's too large: {size} bytes. The maximum is {BYTES} bytes.")
    expressions = sum(size_of_expressions(every_rule) for every_rule in (rule, *others))
    if expressions > EXPRESSIONS:
        raise Refused(
            f"The regular expressions of all rules have {expressions} characters. The maximum is {EXPRESSIONS}."
        )
    begins, ends = rule.get("ActivationDate"), rule.get("ExpiryDate")
    if isinstance(begins, str) and isinstance(ends, str) and begins >= ends:
        raise Refused("The expiry date must be later than the activation date.")


def check_number(rules: Sequence[Body]) -> None:
    """Raise Refused if the tenant already has the maximum number of rules."""
    if len(rules) >= RULES:
        raise Refused(f"The maximum number of transport rules, {RULES}, has been reached.")


def check_priority(priority: int, highest: int) -> int:
    """Return a priority unchanged. Raise Refused if it is not between 0 and the highest priority."""
    if not 0 <= priority <= highest:
        raise Refused(f"The specified rule priority is invalid: {priority}. It must be between 0 and {highest}.")
    return priority


def size_of_rule(rule: Body) -> int:
    """Return the size of the values in a rule's conditions, exceptions and actions, in bytes of UTF-8."""
    return sum(
        len(text.encode())
        for parameter in parameters_in_use(rule)
        for text in _value_texts(rule[parameter.property_name])
    )


def size_of_expressions(rule: Body) -> int:
    """Return the number of characters in a rule's regular expressions."""
    return sum(len(text) for parameter in _PATTERNS for text in _value_texts(rule.get(parameter.property_name)))


def _value_texts(value: Json) -> Iterable[str]:
    if value is None or isinstance(value, bool):
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [str(entry) for entry in value]
    return (str(value),)


_NAMES = ("PrimarySmtpAddress", "Alias", "DisplayName", "Name", "Guid", "ExternalDirectoryObjectId")


@dataclass(frozen=True, slots=True)
class Recipients:
    """The recipients that a rule can name, by each of their names in lower case."""

    by_name: Mapping[str, Sequence[Body]]
    domains: frozenset[str]  # the accepted domains in lower case

    def resolve_names(self, parameter: CmdletParameter, value: Json) -> Json:
        """Return a parameter's value with the primary address of each recipient instead of its name.

        Addresses outside the tenant do not change. Raise Refused if a recipient is unknown or ambiguous.
        """
        if not parameter.kind.startswith("RecipientIdParameter") or value is None:
            return value
        if isinstance(value, str):
            return self._primary_address(parameter, value)
        names = value if isinstance(value, Sequence) else ()
        return list(dict.fromkeys(self._primary_address(parameter, str(name)) for name in names))

    def _primary_address(self, parameter: CmdletParameter, name: str) -> str:
        matches = self.by_name.get(name.lower().removeprefix("smtp:"), ())
        if not matches and parameter.name.removeprefix("ExceptIf") in _OUTSIDE and self._is_outside(name):
            return name
        if not matches:
            raise Refused(f"The recipient '{name}' of {parameter.name} couldn't be found.")
        if len(matches) > 1:
            raise Refused(f"The recipient '{name}' of {parameter.name} matches multiple entries.")
        needs_group = "MemberOf" in parameter.name
        if needs_group and "Group" not in str(matches[0].get("RecipientTypeDetails")):
            raise Refused(f"The recipient '{name}' of {parameter.name} isn't a group.")
        return str(matches[0]["PrimarySmtpAddress"])

    def _is_outside(self, name: str) -> bool:
        alias, sign, domain = name.rpartition("@")
        return bool(alias and sign and "." in domain) and domain.lower() not in self.domains


_OUTSIDE = ("From", "SentTo")  # an address of another domain is taken too: an example of New-TransportRule has one


def index_recipients(rows: Sequence[Body], domains: Sequence[Body] = ()) -> Recipients:
    """Return recipients that can be found by address, alias, name and id. `domains` are the accepted domains."""
    by_name: dict[str, list[Body]] = {}
    for row in rows:
        addresses = row.get("EmailAddresses")
        listed = addresses if isinstance(addresses, Sequence) and not isinstance(addresses, str) else ()
        mail = [str(address).lower() for address in listed if str(address).lower().startswith("smtp:")]
        names = {str(row.get(name) or "").lower() for name in _NAMES}
        for name in names | {address.removeprefix("smtp:") for address in mail}:
            if name:
                by_name.setdefault(name, []).append(row)
    return Recipients(by_name, frozenset(str(domain["DomainName"]).lower() for domain in domains))


_NAMESPACE = "Microsoft.Exchange.MessagingPolicies.Rules.Tasks."
_CLASSES: Mapping[str, str] = _TABLE[
    "classes"
]  # classes with another name than their parameters. Two parameters may share a class.


def rule_as_shown(rule: Body, priority: int) -> Body:
    """Return a rule as Get-TransportRule shows it, with its priority and the description of its settings."""
    name = str(rule["Name"])
    return {
        **BLANK,
        **rule,
        "Priority": priority,
        "Size": size_of_rule(rule),
        "RegexSize": size_of_expressions(rule),
        "Description": _describe_rule(rule),
        "Conditions": _class_names([*_names_in_use(rule, CONDITIONS), *_names_shown_separately(rule, "")], "Predicate"),
        "Exceptions": _class_names(
            [*_names_in_use(rule, EXCEPTIONS), *_names_shown_separately(rule, "ExceptIf")], "Predicate"
        ),
        "Actions": _class_names(_names_in_use(rule, ACTIONS), "Action"),
        "Identity": name,
        "DistinguishedName": f"CN={name},CN=TransportVersioned,CN=Rules,CN=Transport Settings,CN=Configuration",
    }


def without_details(rule: Body) -> Body:
    """Return a rule without its conditions, exceptions and actions, as ExcludeConditionActionDetails shows it."""
    blank: dict[str, Json] = {parameter.property_name: BLANK.get(parameter.property_name) for parameter in PARTS}
    hidden = {name: value for name, value in blank.items() if name in rule}
    return {**rule, **hidden, "Description": "", "Conditions": None, "Exceptions": None, "Actions": None}


def _names_in_use(rule: Body, parts: tuple[CmdletParameter, ...]) -> list[str]:
    return [parameter.name.removeprefix("ExceptIf") for parameter in parameters_in_use(rule, parts)]


def _names_shown_separately(rule: Body, prefix: str) -> list[str]:
    return [name for name in SHOWN_ALONE if rule.get(prefix + name)]


def _class_names(names: Sequence[str], suffix: str) -> Json:
    return list(dict.fromkeys(f"{_NAMESPACE}{_CLASSES.get(name, name)}{suffix}" for name in names)) or None


def _describe_rule(rule: Body) -> str:
    sections = (
        ("If the message:", CONDITIONS),
        ("Take the following actions:", ACTIONS),
        ("Except if the message:", EXCEPTIONS),
    )
    written = ""
    for title, parts in sections:
        lines = [
            f"\t{_describe_parameter(parameter)} {_join_values(rule[parameter.property_name])}\r\n"
            for parameter in parameters_in_use(rule, parts)
        ]
        written += "".join((f"{title}\r\n", *lines)) if lines else ""
    return written


def _describe_parameter(parameter: CmdletParameter) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parameter.name.removeprefix("ExceptIf")).lower()


def _join_values(value: Json) -> str:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    return " or ".join(f"'{formats.to_sentence_text(entry)}'" for entry in values)


_REJECTION = {
    "RejectMessageEnhancedStatusCode": "5.7.1",
    "RejectMessageReasonText": "Delivery not authorized, message refused",
}
_ELSEWHERE = {"Identity", "Priority", "Enabled", "Confirm", "WhatIf"}


def apply_to_rule(rule: Body, sent: Mapping[str, Json]) -> dict[str, Json]:
    """Return a rule with the sent parameters, and with the defaults that Exchange adds for them."""
    after = dict(rule)
    for name, value in sent.items():
        if name not in _ELSEWHERE:
            after[name] = apply_change(after.get(name), value)
    for parameter in PARTS:
        if parameter.default is not None:
            _fill_dependent_setting(after, parameter, sent)
    _fill_rejection(after, sent)
    _check_settings_are_complete(after)
    return after


def _fill_dependent_setting(rule: dict[str, Json], parameter: CmdletParameter, sent: Mapping[str, Json]) -> None:
    """Set the default of a setting that needs other settings. Unset it if one of the needed settings is unset."""
    if all(is_set(SET[name.lower()], rule) for name in parameter.needs):
        rule[parameter.name] = rule.get(parameter.name) or parameter.default
    elif sent.get(parameter.name) is None:
        rule[parameter.name] = parameter.unset


def _fill_rejection(rule: dict[str, Json], sent: Mapping[str, Json]) -> None:
    """Set the missing half of a rejection, which has a status code and a text.

    If a request clears one half and does not send the other half, unset both.
    """
    given = [name for name in _REJECTION if sent.get(name)]
    cleared = [name for name in _REJECTION if name in sent and not sent[name]]
    if cleared and not given:
        rule |= dict.fromkeys(_REJECTION)
    elif any(rule.get(name) for name in _REJECTION):
        rule |= {name: rule.get(name) or default for name, default in _REJECTION.items()}


def _check_settings_are_complete(rule: Body) -> None:
    for parameter in parameters_in_use(rule):
        lacking = [name for name in parameter.needs if not is_set(SET[name.lower()], rule)]
        if lacking:
            raise Refused(f"The parameter {parameter.name} can't be used without {', '.join(lacking)}.")

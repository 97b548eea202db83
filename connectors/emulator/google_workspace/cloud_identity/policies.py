"""The Policy API, which lists, gets, creates, changes and deletes policies. Each write returns an operation.

Rules must meet Google's requirements.
"""

import re
from collections.abc import Callable, Mapping

from connectors.emulator import clock
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.cloud_identity.filters import read_filter
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES
from connectors.emulator.google_workspace.values import customer_id, mapping, new_policy_id, sequence, text, texts
from connectors.emulator.store import Body, Json

RULE = "settings/rule.dlp"
WORD_LIST = "settings/detector.word_list"
EXPRESSION = "settings/detector.regular_expression"
_TRIGGER = "google.workspace."
_TRIGGERS = frozenset(
    {
        "gmail.email.v1.send", "gmail.email.v1.receive", "drive.file.v1.share", "chat.message.v1.send",
        "chat.attachment.v1.upload", "calendar.event.v1.save", "chrome.file.v1.upload", "chrome.file.v1.download",
        "chrome.web_content.v1.upload", "chrome.page.v1.print", "chrome.url.v1.navigation",
        "chromeos.file.v1.transfer",
    }
)  # fmt: skip
_STATES = ("ACTIVE", "INACTIVE")
_SEVERITIES = ("LOW", "MEDIUM", "HIGH")
_CONTENT = (
    "all_content|all_headers|body|title|subject|url|url_category|file_type|file_size_in_bytes|source_url|sender"
    "|access_levels|source_chrome_context|destination_type|source_url_category"
)
_FUNCTIONS = (
    "contains|contains_word|starts_with|ends_with|equals|matches|matches_dlp_detector|matches_regex_detector"
    "|matches_word_list|matches_web_category|matches_mime_types|greater_than|less_than"
)
_TERM = re.compile(rf"(?:{_CONTENT})\.(?:{_FUNCTIONS})\((?P<arguments>(?:'(?:[^'\\]|\\.)*'|[^'()])*)\)")
_REFERENCE = re.compile(r"matches_(?:regex_detector|word_list)\('(policies/[^']+)'")
_EMPTY_ARGUMENTS = ("", "''", "'.*'")
_ONLY_COUNTS = re.compile(r"matches_dlp_detector\('[^']*',\s*\{")
_TWO_ARGUMENTS = re.compile(r"matches_dlp_detector\('[^']*',[^,{}]*\)")


def is_valid_value(kind: str, value: Body) -> bool:
    """Return whether a setting's value fits its type. No value fits a type that cannot be written."""
    check = _CHECKS.get(kind)
    return check is not None and bool(text(value.get("displayName"))) and check(value)


def referenced_detectors(value: Body) -> set[str]:
    """Return the detectors that a rule's condition refers to."""
    return set(_REFERENCE.findall(_condition_of_rule(value)))


def _condition_of_rule(value: Body) -> str:
    return text(mapping(value.get("condition")).get("contentCondition"))


def _is_rule(value: Body) -> bool:
    triggers = texts(value.get("triggers"))
    are_known = bool(triggers) and all(trigger.removeprefix(_TRIGGER) in _TRIGGERS for trigger in triggers)
    action = mapping(value.get("action"))
    metadata = mapping(mapping(value.get("ruleTypeMetadata")).get("dlpRuleMetadata"))
    return (
        are_known
        and all(trigger.startswith(_TRIGGER) for trigger in triggers)
        and value.get("state", _STATES[0]) in _STATES
        and _is_condition(_condition_of_rule(value))
        and isinstance(action.get("alertCenterAction"), Mapping)
        and metadata.get("alertSeverity") in _SEVERITIES
        and not (any("chrome" in trigger for trigger in triggers) and _TWO_ARGUMENTS.search(_condition_of_rule(value)))
    )


def _is_condition(raw: str) -> bool:
    """Return whether a condition is well formed: terms that match a pattern, joined by && and ||."""
    empty = any(term["arguments"].strip() in _EMPTY_ARGUMENTS for term in _TERM.finditer(raw))
    if empty or _ONLY_COUNTS.search(raw):
        return False
    left = _TERM.sub("T", raw)
    while (shorter := re.sub(r"!\s*T|\(\s*T\s*\)|T\s*(?:&&|\|\|)\s*T", "T", left)) != left:
        left = shorter
    return left.strip() == "T"


def _is_word_list(value: Body) -> bool:
    words: Json = mapping(value.get("wordList")).get("words")
    return bool(sequence(words)) and len(texts(words)) == len(sequence(words))


def _is_expression(value: Body) -> bool:
    written = text(mapping(value.get("regularExpression")).get("expression"))
    try:
        re.compile(written)
    except re.error:
        return False
    return bool(written)


_CHECKS: Mapping[str, Callable[[Body], bool]] = {RULE: _is_rule, WORD_LIST: _is_word_list, EXPRESSION: _is_expression}


_DEFAULT_PAGE, _LONGEST_PAGE = 50, 100
_TARGETS = ("orgUnit", "group", "query")
_STAMPS = ("createTime", "updateTime", "deleteTime")  # inside the value of a rule, set by Google
_IN_QUERY = re.compile(r"^entity\.(?:org_units|groups)\.exists\(\w+, \w+\.(?:org_unit|group)_id == ")
_FORBIDDEN = "The caller does not have permission"


def unit_query(unit: str) -> str:
    """Return the text of the query that Google shows in a policy for an organisational unit."""
    return f"entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('{unit.removeprefix('orgUnits/')}'))"


def _group_query(group: str) -> str:
    return f"entity.groups.exists(group, group.group_id == groupId('{group.removeprefix('groups/')}'))"


def _check_caller(call: MethodCall) -> None:
    caller = mapping(call.caller)
    if not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.ApiError(403, "forbidden", _FORBIDDEN)


def _list_policies(call: MethodCall) -> Body:
    """Return one page of policies.

    The filter applies to each page separately, so a page may be empty although more pages follow.
    """
    _check_caller(call)
    size = call.number("pageSize", _DEFAULT_PAGE)
    if size < 0:
        raise errors.invalid_argument()
    rows, page = call.collection(POLICIES).all(), read_page(call.parameters, min(size, _LONGEST_PAGE))
    customers = ("customers/my_customer", f"customers/{customer_id(call.tenant_id)}")
    test = read_filter(call.text("filter"), customers) if call.text("filter") else lambda _policy: True
    policies = [row for row in page_of(rows, page) if test(row)]
    items: dict[str, Json] = {"policies": policies} if policies else {}
    return {**items, **page.next_token(len(rows))}


def _find_policy(call: MethodCall) -> Body:
    _check_caller(call)
    body = call.collection(POLICIES).get(call.text("name").removeprefix("policies/"))
    if body is None:
        raise errors.not_found()
    return body


def _create_policy(call: MethodCall) -> Body:
    _check_caller(call)
    setting = _read_setting(call)
    if text(call.body.get("customer")) != f"customers/{customer_id(call.tenant_id)}":
        raise errors.invalid_argument()
    kind, key, now = text(setting["type"]), new_policy_id(), clock.text(call.now)
    value = {**mapping(setting["value"]), "createTime": now, "updateTime": now}
    policy: Body = {
        "name": f"policies/{key}",
        "customer": call.body["customer"],
        "policyQuery": {**_read_target(call), "sortOrder": _highest_sort_order(call, kind) + 1},
        "setting": {"type": kind, "value": value},
        "type": "ADMIN",
    }
    call.collection(POLICIES).put(key, policy)
    return completed_operation(policy)


def _read_setting(call: MethodCall) -> Body:
    """Return the setting from a request body.

    It must be writable and complete, and may only refer to existing detectors.
    """
    setting = mapping(call.body.get("setting"))
    value = {name: content for name, content in mapping(setting.get("value")).items() if name not in _STAMPS}
    kind = text(setting.get("type"))
    if not is_valid_value(kind, value):
        raise errors.invalid_argument()
    detectors = call.collection(POLICIES)
    if any(detectors.get(reference.removeprefix("policies/")) is None for reference in referenced_detectors(value)):
        raise errors.invalid_argument()
    return {"type": kind, "value": value}


def _read_target(call: MethodCall) -> dict[str, Json]:
    """Return the target of a policy, which must be exactly one of a unit, a group and a query."""
    query = mapping(call.body.get("policyQuery"))
    given = [name for name in _TARGETS if text(query.get(name))]
    if len(given) != 1:
        raise errors.invalid_argument()
    value = text(query[given[0]])
    match given[0]:
        case "orgUnit":
            target = call.collection(ORG_UNITS).get(value.removeprefix("orgUnits/"))
            return {"query": unit_query(value), "orgUnit": value} if target else _refuse_target()
        case "group":
            target = call.collection(GROUPS).get(value.removeprefix("groups/"))
            return {"query": _group_query(value), "group": value} if target else _refuse_target()
    return {"query": value} if _IN_QUERY.match(value) and "licenses" not in value else _refuse_target()


def _refuse_target() -> dict[str, Json]:
    raise errors.invalid_argument()


def _highest_sort_order(call: MethodCall, kind: str) -> float:
    same = (policy for policy in call.collection(POLICIES).all() if mapping(policy["setting"]).get("type") == kind)
    orders = (mapping(policy["policyQuery"]).get("sortOrder") for policy in same)
    return max((order for order in orders if isinstance(order, int | float)), default=0)


def _patch_policy(call: MethodCall) -> Body:
    """Replace the value of a policy. Its target and its type cannot change."""
    before = _find_writable_policy(call)
    setting, old = _read_setting(call), mapping(before["setting"])
    target, stored = mapping(call.body.get("policyQuery")), mapping(before["policyQuery"])
    moved = any(text(target.get(name)) not in ("", text(stored.get(name))) for name in _TARGETS)
    unnamed = not any(text(target.get(name)) for name in _TARGETS)
    customer = text(call.body.get("customer")) or before["customer"]
    if moved or unnamed or setting["type"] != old["type"] or customer != before["customer"]:
        raise errors.invalid_argument()
    created = mapping(old["value"]).get("createTime")
    stamps: dict[str, Json] = {"createTime": created, "updateTime": clock.text(call.now)}
    value = {**mapping(setting["value"]), **{name: stamp for name, stamp in stamps.items() if stamp}}
    policy = {**before, "setting": {"type": setting["type"], "value": value}}
    call.collection(POLICIES).put(text(before["name"]).removeprefix("policies/"), policy)
    return completed_operation(policy)


def _find_writable_policy(call: MethodCall) -> Body:
    """Return a policy that the caller may write, because an administrator made it and its type is writable."""
    policy = _find_policy(call)
    setting = mapping(policy["setting"])
    if policy.get("type") != "ADMIN" or not is_valid_value(text(setting["type"]), mapping(setting["value"])):
        raise errors.invalid_argument()
    return policy


def _delete_policy(call: MethodCall) -> Body:
    policy, kept = _find_writable_policy(call), call.collection(POLICIES)
    values = (mapping(mapping(policy_body["setting"]).get("value")) for policy_body in kept.all())
    if any(policy["name"] in referenced_detectors(value) for value in values):
        raise errors.failed_precondition()
    kept.delete(text(policy["name"]).removeprefix("policies/"))
    return completed_operation({"@type": "type.googleapis.com/google.protobuf.Empty"})


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.policies.list": _list_policies,
    "cloudidentity.policies.get": _find_policy,
    "cloudidentity.policies.create": _create_policy,
    "cloudidentity.policies.patch": _patch_policy,
    "cloudidentity.policies.delete": _delete_policy,
}


_POLICY = "type.googleapis.com/google.apps.cloudidentity.policies.v1.Policy"


def completed_operation(response: Body) -> Body:
    """Return a completed operation that contains the response."""
    return {"done": True, "response": {"@type": _POLICY, **response}}

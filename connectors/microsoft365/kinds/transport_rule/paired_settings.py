"""Settings of mail rules that are only valid together, and the values that Exchange fills in if one is missing."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from toolkit.values import Settings


def when(what: str, *examples: object, alias: str | None = None) -> Any:
    """Return the declaration of a condition. `what` completes the sentence `Applies to messages ...`.

    Each of the `examples` is a complete value.
    """
    return Field(default=None, alias=alias, description=f"Applies to messages {what}.", examples=list(examples))


def then(what: str, *examples: object) -> Any:
    """Return the declaration of an action or an option. `what` is a sentence without its full stop.

    Each of the `examples` is a complete value.
    """
    return Field(default=None, description=f"{what}.", examples=list(examples))


_PAIRED_CONDITIONS = (
    ("header_contains_message_header", "header_contains_words"),
    ("header_matches_message_header", "header_matches_patterns"),
    ("between_member_of_1", "between_member_of_2"),
    ("manager_addresses", "manager_for_evaluated_user"),
)
_PAIRS = (
    *_PAIRED_CONDITIONS,
    *((f"except_if_{first}", f"except_if_{second}") for first, second in _PAIRED_CONDITIONS),
    ("set_header_name", "set_header_value"),
    ("generate_incident_report", "incident_report_content"),
)

# Settings that refine another setting and have no effect without it.
REFINEMENTS: Mapping[str, str] = {
    "ad_comparison_operator": "ad_comparison_attribute",
    "except_if_ad_comparison_operator": "except_if_ad_comparison_attribute",
    "apply_html_disclaimer_location": "apply_html_disclaimer_text",
    "apply_html_disclaimer_fallback_action": "apply_html_disclaimer_text",
    "apply_rights_protection_customization_template": "apply_rights_protection_template",
}

NEEDS: Mapping[str, str] = {**dict(_PAIRS), **{second: first for first, second in _PAIRS}, **REFINEMENTS}

TOGETHER = tuple(
    map(
        frozenset,
        (
            *_PAIRS,
            ("ad_comparison_attribute", "ad_comparison_operator"),
            ("except_if_ad_comparison_attribute", "except_if_ad_comparison_operator"),
            ("apply_html_disclaimer_text", "apply_html_disclaimer_location", "apply_html_disclaimer_fallback_action"),
            ("apply_rights_protection_template", "apply_rights_protection_customization_template"),
            ("reject_message_reason_text", "reject_message_enhanced_status_code"),
        ),
    )
)

FILLED_IN: Mapping[str, Settings] = {
    "ad_comparison_attribute": {"ad_comparison_operator": "Equal"},
    "except_if_ad_comparison_attribute": {"except_if_ad_comparison_operator": "Equal"},
    "apply_html_disclaimer_text": {
        "apply_html_disclaimer_location": "Append",
        "apply_html_disclaimer_fallback_action": "Wrap",
    },
    "reject_message_enhanced_status_code": {
        "reject_message_reason_text": "Delivery not authorized, message refused",
    },
    "reject_message_reason_text": {"reject_message_enhanced_status_code": "5.7.1"},
}


def unpaired_settings(is_set: Mapping[str, bool]) -> Iterator[str]:
    """Yield a problem for each setting that needs another setting. In `is_set`, a setting that is unset is False."""
    for setting, needed in NEEDS.items():
        if is_set.get(setting) and not is_set.get(needed):
            yield f"{setting} has no effect without {needed}"
    for cause, filled_in in FILLED_IN.items():
        for setting in filled_in:
            if is_set.get(cause) and is_set.get(setting) is False:
                yield f"{setting} cannot be unset together with {cause}, because Exchange fills it in"

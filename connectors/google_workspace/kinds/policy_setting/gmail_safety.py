"""Settings of Gmail that look at mail as it arrives: attachments, links, forged senders."""

from connectors.google_workspace.kinds.policy_setting.rows import PolicyField, SettingType, flag, listed, number, word

_SAFETY = "Apps > Google Workspace > Gmail > Safety"
_LATER = flag("apply_future_settings_automatically", "what Google recommends later is turned on by itself", True, True)


def _consequence(name: str, of: str) -> PolicyField:
    return word(f"{name}_consequence", f"Says what becomes of {of}, such as WARNING, SPAM_FOLDER or QUARANTINE.",
                "SPAM_FOLDER")  # fmt: skip


def _quarantine(name: str, of: str) -> PolicyField:
    return number(f"{name}_quarantine_id", f"Gives the number of the quarantine for {of}.", 1)


_ENCRYPTED = "mail with an encrypted attachment from a sender who is not trusted"
_SCRIPTS = "mail with a script attached from a sender who is not trusted"
_ODD = "mail with an attachment of an uncommon type"
_DOMAIN_NAME = "mail from a domain whose name looks like ours"
_EMPLOYEE = "mail from outside under the name of one of our people"
_OUR_DOMAIN = "mail that pretends to be from our domain"
_UNPROVED = "mail whose sender is not proved"
_GROUPS = "mail to a group that pretends to be from our domain"

GMAIL_SAFETY = (
    SettingType(
        "gmail.email_attachment_safety",
        "Gmail: attachments",
        f"{_SAFETY} > Attachments",
        (
            flag("enable_encrypted_attachment_protection", f"{_ENCRYPTED} is caught", True),
            _consequence("encrypted_attachment_protection", _ENCRYPTED),
            _quarantine("encrypted_attachment_protection", _ENCRYPTED),
            flag("enable_attachment_with_scripts_protection", f"{_SCRIPTS} is caught", True),
            _consequence("attachment_with_scripts_protection", _SCRIPTS),
            _quarantine("attachment_with_scripts_protection", _SCRIPTS),
            flag("enable_anomalous_attachment_protection", f"{_ODD} is caught", True),
            _consequence("anomalous_attachment_protection", _ODD),
            _quarantine("anomalous_attachment_protection", _ODD),
            listed("allowed_anomalous_attachment_filetypes", "Lists uncommon types that are let through.", ["ged"]),
            flag("apply_future_recommended_settings_automatically",
                 "what Google recommends later is turned on by itself", True),
        ),
    ),
    SettingType(
        "gmail.links_and_external_images",
        "Gmail: links and images",
        f"{_SAFETY} > Links and external images",
        (
            flag("enable_shortener_scanning", "what stands behind a shortened link is looked at", True),
            flag("enable_external_image_scanning", "linked images are looked at", True),
            flag("enable_aggressive_warnings_on_untrusted_links",
                 "people are warned before they open a link to a domain that is not trusted", True, False),
            _LATER,
        ),
    ),
    SettingType(
        "gmail.spoofing_and_authentication",
        "Gmail: forged senders",
        f"{_SAFETY} > Spoofing and authentication",
        (
            flag("detect_domain_name_spoofing", f"{_DOMAIN_NAME} is caught", True),
            _consequence("domain_name_spoofing", _DOMAIN_NAME),
            _quarantine("domain_name_spoofing", _DOMAIN_NAME),
            flag("detect_employee_name_spoofing", f"{_EMPLOYEE} is caught", True),
            _consequence("employee_name_spoofing", _EMPLOYEE),
            _quarantine("employee_name_spoofing", _EMPLOYEE),
            flag("detect_domain_spoofing_from_unauthenticated_senders", f"{_OUR_DOMAIN} is caught", True),
            _consequence("domain_spoofing", _OUR_DOMAIN),
            _quarantine("domain_spoofing", _OUR_DOMAIN),
            flag("detect_unauthenticated_emails", f"{_UNPROVED} is caught", True),
            _consequence("unauthenticated_email", _UNPROVED),
            _quarantine("unauthenticated_email", _UNPROVED),
            flag("detect_groups_spoofing", f"{_GROUPS} is caught", True),
            word("groups_spoofing_visibility_type", "Says for which groups.", "PRIVATE_GROUPS_ONLY"),
            _consequence("groups_spoofing", _GROUPS),
            _quarantine("groups_spoofing", _GROUPS),
            _LATER,
        ),
    ),
)  # fmt: skip

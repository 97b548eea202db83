"""Settings of Gmail that are for people: what they may do with their mailboxes, and the rules of compliance."""

from connectors.google_workspace.kinds.policy_setting.rows import (
    PolicyFieldType,
    Reducer,
    SettingType,
    flag,
    listed,
    text,
    word,
)

_GMAIL = "Apps > Google Workspace > Gmail"
_PEOPLE = f"{_GMAIL} > User settings"
_ACCESS = f"{_GMAIL} > End User Access"
_COMPLIANCE = f"{_GMAIL} > Compliance"
_SPAM = f"{_GMAIL} > Spam, phishing, and malware"

GMAIL = (
    SettingType(
        "gmail.auto_forwarding",
        "Gmail: automatic forwarding",
        f"{_ACCESS} > Automatic forwarding",
        (flag("enable_auto_forwarding", "people may forward all their mail elsewhere by themselves", False, True),),
    ),
    SettingType(
        "gmail.imap_access",
        "Gmail: IMAP",
        f"{_ACCESS} > POP and IMAP access",
        (flag("enable_imap_access", "mail programs may read mail by IMAP", False),),
        Reducer.MERGE,
    ),
    SettingType(
        "gmail.pop_access",
        "Gmail: POP",
        f"{_ACCESS} > POP and IMAP access",
        (flag("enable_pop_access", "mail programs may fetch mail by POP", False),),
    ),
    SettingType(
        "gmail.workspace_sync_for_outlook",
        "Gmail: Outlook",
        f"{_ACCESS} > Google Workspace Sync",
        (
            flag("enable_google_workspace_sync_for_microsoft_outlook",
                 "Google Workspace Sync for Microsoft Outlook may be used", False, True),
        ),
    ),
    SettingType(
        "gmail.per_user_outbound_gateway",
        "Gmail: outside servers for sending",
        f"{_ACCESS} > Allow per-user outbound gateways",
        (
            flag("allow_users_to_use_external_smtp_servers",
                 "people may send from an outside address through its own server", False),
        ),
    ),
    SettingType(
        "gmail.mail_delegation",
        "Gmail: delegation",
        f"{_PEOPLE} > Mail delegation",
        (
            flag("enable_mail_delegation", "people may let others read and send their mail", False),
            flag("enable_mailbox_group_delegation", "they may let a group do so", False),
            flag("enable_delegate_attribution", "recipients see who sent mail for whom", True),
            flag("allow_custom_delegate_attribution", "people may choose what recipients see of it", False),
        ),
    ),
    SettingType(
        "gmail.confidential_mode",
        "Gmail: confidential mode",
        f"{_PEOPLE} > Confidential mode",
        (flag("enable_confidential_mode", "mail may be sent that expires and cannot be passed on", False),),
    ),
    SettingType(
        "gmail.gmail_name_format",
        "Gmail: names of senders",
        f"{_PEOPLE} > Name format",
        (
            flag("allow_custom_display_names", "people may choose the name that they send under", False),
            word("default_display_name_format", "Says how names are written.", "FIRSTNAME_LASTNAME"),
        ),
    ),
    SettingType(
        "gmail.user_email_uploads",
        "Gmail: import of mail",
        f"{_GMAIL} > Setup > User email uploads",
        (flag("enable_mail_and_contacts_import", "people may bring mail and contacts from elsewhere", False),),
    ),
    SettingType(
        "gmail.email_spam_filter_ip_allowlist",
        "Gmail: servers past the spam filter",
        f"{_SPAM} > Email allowlist",
        (listed("allowed_ip_addresses", "Lists the addresses whose mail is never taken for spam.", ["192.0.2.25"]),),
    ),
    SettingType(
        "gmail.enhanced_pre_delivery_message_scanning",
        "Gmail: scan before delivery",
        f"{_SPAM} > Enhanced pre-delivery message scanning",
        (
            flag("enable_improved_suspicious_content_detection",
                 "doubtful mail is held for a moment and looked at more closely", True),
        ),
    ),
    SettingType(
        "gmail.content_compliance",
        "Gmail: content compliance",
        f"{_COMPLIANCE} > Content compliance",
        (
            listed("content_compliance_rules",
                   "Lists the rules there are, on or off, by their descriptions.", ["Block card numbers"],
                   PolicyFieldType.RULES),
        ),
        Reducer.MAX_MAP,
        key="ruleId",
    ),
    SettingType(
        "gmail.rule_states",
        "Gmail: rules that are on",
        _COMPLIANCE,
        (
            listed("enabled_rules", "Lists the ids of the rules of compliance that are on.", ["a1b2c"],
                   PolicyFieldType.RULE_STATES, wire="ruleStates"),
        ),
        Reducer.MAX_MAP,
        key="ruleId",
    ),
    SettingType(
        "gmail.comprehensive_mail_storage",
        "Gmail: comprehensive mail storage",
        f"{_COMPLIANCE} > Comprehensive mail storage",
        (
            text("rule_id", "Gives the id of the rule that keeps a copy of all mail; null: there is none.", "a1b2c"),
        ),
    ),
)  # fmt: skip

GMAIL_RULES = (
    *(
        SettingType(f"gmail.{name}", title, f"{_COMPLIANCE} > {place}", (), Reducer.MAX_MAP, key="ruleId")
        for name, title, place in (
            ("attachment_compliance", "Gmail: attachment compliance", "Attachment compliance"),
            ("objectionable_content", "Gmail: objectionable content", "Objectionable content"),
        )
    ),
    SettingType("gmail.spam_override_lists", "Gmail: senders past the spam filter", f"{_SPAM} > Spam", (),
                Reducer.MAX_MAP, key="ruleId"),
    SettingType("gmail.blocked_sender_lists", "Gmail: blocked senders", f"{_SPAM} > Blocked senders", ()),
    SettingType("gmail.email_address_lists", "Gmail: lists of addresses", f"{_GMAIL} > Setup > Manage address lists",
                (), Reducer.MAX_MAP, key="id"),
)  # fmt: skip
"""Rules and lists that have no words: their fields have Google's names."""

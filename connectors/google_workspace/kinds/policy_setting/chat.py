"""Settings of Google Chat: outsiders, files, history, apps."""

from connectors.google_workspace.kinds.policy_setting.rows import Reducer, SettingType, flag, word

_CHAT = "Apps > Google Workspace > Google Chat"
_FILES = ("ALL_FILES", "IMAGES_ONLY", "NO_FILES")
_ENABLED = flag("enabled", "it is on", False)

CHAT = (
    SettingType(
        "chat.external_chat_restriction",
        "Chat: with outsiders",
        f"{_CHAT} > External chat settings",
        (
            flag("allow_external_chat", "people may write to outsiders", False, False),
            word("external_chat_restriction", "Says to whom outside: to anybody, or to trusted domains.",
                 "TRUSTED_DOMAINS", "NO_RESTRICTION", "TRUSTED_DOMAINS", default="NO_RESTRICTION"),
        ),
        Reducer.MERGE,
    ),
    SettingType(
        "chat.chat_file_sharing",
        "Chat: files",
        f"{_CHAT} > Chat file sharing",
        (
            word("external_file_sharing", "Says which files may be sent to outsiders.", "NO_FILES", *_FILES),
            word("internal_file_sharing", "Says which files may be sent to our people.", "IMAGES_ONLY", *_FILES),
        ),
    ),
    SettingType(
        "chat.chat_history",
        "Chat: history of chats",
        f"{_CHAT} > History for chats",
        (
            flag("history_on_by_default", "messages are kept", True, False),
            flag("allow_user_modification", "people may change that for a chat", False, True),
        ),
        Reducer.MERGE,
    ),
    SettingType(
        "chat.space_history",
        "Chat: history of spaces",
        f"{_CHAT} > History for spaces",
        (
            word("history_state", "Says whether messages of spaces are kept.", "HISTORY_ALWAYS_ON",
                 "DEFAULT_HISTORY_ON", "DEFAULT_HISTORY_OFF", "HISTORY_ALWAYS_ON", "HISTORY_ALWAYS_OFF"),
        ),
    ),
    SettingType(
        "chat.chat_external_spaces",
        "Chat: spaces with outsiders",
        f"{_CHAT} > External spaces",
        (
            _ENABLED,
            word("domain_allowlist_mode", "Says who outside may be in a space.", "TRUSTED_DOMAINS", "ALL_DOMAINS",
                 "TRUSTED_DOMAINS"),
        ),
        also="chat.external_spaces",
    ),
    SettingType(
        "chat.chat_apps_access",
        "Chat: apps",
        f"{_CHAT} > Chat apps",
        (
            flag("enable_apps", "people may add apps", False),
            flag("enable_webhooks", "people may let other programs post", False),
        ),
    ),
    SettingType(
        "chat.chat_space_access_default",
        "Chat: who finds a new space",
        f"{_CHAT} > Space access default",
        (
            word("access_type", "Says who may find and join a new space.", "RESTRICTED", "RESTRICTED",
                 "PRIMARY_TARGET_AUDIENCE"),
        ),
        also="chat.space_access_default",
    ),
    SettingType(
        "chat.chat_third_party_archiving",
        "Chat: archive elsewhere",
        f"{_CHAT} > Third-party archiving",
        (_ENABLED,),
        also="chat.third_party_archiving",
    ),
)  # fmt: skip

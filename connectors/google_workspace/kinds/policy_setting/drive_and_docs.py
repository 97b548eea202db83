"""Settings of Drive: sharing with outsiders, shared drives, programs that reach files."""

from connectors.google_workspace.kinds.policy_setting.rows import Reducer, SettingType, flag, text, word

_DRIVE = "Apps > Google Workspace > Drive and Docs"
_SHARING = f"{_DRIVE} > Sharing settings"

DRIVE_AND_DOCS = (
    SettingType(
        "drive_and_docs.external_sharing",
        "Drive: sharing with outsiders",
        f"{_SHARING} > Sharing options",
        (
            word("external_sharing_mode", "Says with whom outside files may be shared; trust rules outrank it.",
                 "ALLOWLISTED_DOMAINS", "ALLOWED", "ALLOWLISTED_DOMAINS", "DISALLOWED", default="ALLOWED"),
            flag("allow_receiving_external_files", "people may be given outsiders' files", True, True),
            flag("allow_receiving_files_outside_allowlisted_domains",
                 "they may be given files from domains that are not on the list", False, True),
            flag("warn_for_external_sharing", "people are warned before they share outside", True, True),
            flag("warn_for_sharing_outside_allowlisted_domains",
                 "they are warned before they share with a domain on the list", True, True),
            flag("allow_non_google_invites", "outsiders without a Google account may be invited", False, True),
            flag("allow_non_google_invites_in_allowlisted_domains",
                 "people of a domain on the list who have no Google account may be invited", False, False),
            flag("allow_publishing_files", "files may be opened to anybody who has the link", False, True),
            word("access_checker_suggestions", "Says what is offered when a reader has no access to a linked file.",
                 "RECIPIENTS_ONLY", "RECIPIENTS_ONLY", "RECIPIENTS_OR_AUDIENCE", "RECIPIENTS_OR_AUDIENCE_OR_PUBLIC",
                 default="RECIPIENTS_OR_AUDIENCE_OR_PUBLIC"),
            word("allowed_parties_for_distributing_content",
                 "Says who may move files into another organisation's shared drives.", "ELIGIBLE_INTERNAL_USERS",
                 default="ALL_ELIGIBLE_USERS"),
        ),
    ),
    SettingType(
        "drive_and_docs.general_access_default",
        "Drive: who can open a new file",
        f"{_SHARING} > General access default",
        (
            word("default_file_access", "Says who can open a file that nobody shared yet.", "LINK_SHARING_PRIVATE",
                 default="LINK_SHARING_PRIVATE"),
        ),
    ),
    SettingType(
        "drive_and_docs.shared_drive_creation",
        "Drive: shared drives",
        f"{_SHARING} > Shared drive creation",
        (
            flag("allow_shared_drive_creation", "people may make shared drives", False),
            word("org_unit_for_new_shared_drives", "Says to which unit a new one belongs.", "CREATOR_ORG_UNIT"),
            text("custom_org_unit", "Names that unit where one was chosen, by its id.", "03ph8a2z1"),
            flag("allow_managers_to_override_settings", "managers of a shared drive may change what follows", False),
            flag("allow_external_user_access", "outsiders may be let into files of shared drives", False),
            flag("allow_non_member_access", "people who are no members may be given files of shared drives", False),
            word("allowed_parties_for_download_print_copy", "Says who may download, print and copy.", "EDITORS_ONLY"),
            flag("allow_content_managers_to_share_folders", "content managers may share folders", False),
        ),
    ),
    SettingType(
        "drive_and_docs.drive_for_desktop",
        "Drive: on computers",
        f"{_DRIVE} > Features and Applications > Google Drive for desktop",
        (
            flag("allow_drive_for_desktop", "Drive for desktop may be used", True),
            flag("restrict_to_authorized_devices", "it may be used on authorised devices alone", True),
            flag("show_download_link", "people are shown where to get it", False),
            flag("allow_real_time_presence", "it shows in Microsoft Office who else edits a file", True),
        ),
    ),
    SettingType(
        "drive_and_docs.drive_sdk",
        "Drive: other programs",
        f"{_DRIVE} > Features and Applications > Drive SDK",
        (flag("enable_drive_sdk_api_access", "people may let other programs reach their files", False, True),),
        Reducer.MERGE,
    ),
    SettingType(
        "drive_and_docs.file_security_update",
        "Drive: security update for links",
        f"{_SHARING} > Security update for files",
        (
            word("security_update", "Says whether old links get the longer key that makes them hard to guess.",
                 "APPLY_TO_IMPACTED_FILES"),
            flag("allow_users_to_manage_update", "people may choose for their own files", False),
        ),
    ),
    SettingType(
        "drive_and_docs.external_file_warning",
        "Drive: marking of outsiders' files",
        _SHARING,
        (flag("highlighting_enabled", "files of outsiders are marked", True),),
    ),
)  # fmt: skip

"""What Google itself sets for a new customer, as far as policies.list tells it.

Types, fields and values are those of a real tenant (contracts/google.md, sections 2 and 11); of api_controls,
multi_party_approval, apps_allowlist and smime_encryption only the types are. Settings with a documented default are not
among them: the list leaves those out, and its reader has to know them.
"""

from collections.abc import Mapping

from connectors.emulator.wire import Body

_SERVICES = (
    "ai_studio", "appsheet", "blogger", "calendar", "chat", "classroom", "cloud_search", "drive_and_docs",
    "early_access_apps", "gemini_app", "gmail", "google_bookmarks", "groups_for_business", "keep", "maps", "meet",
    "migrate", "notebooklm", "pinpoint", "play", "play_books", "read_along", "search_console", "sites", "takeout",
    "tasks", "third_party_app_backups", "translate", "vault", "voice", "workspace_studio", "youtube",
)  # fmt: skip
_OFF = ("ai_studio", "early_access_apps", "play_books", "search_console", "blogger", "voice")
_TAKEOUT = ("blogger", "books", "location_history", "maps", "pay", "photos", "play", "play_console", "youtube")

SYSTEM: Mapping[str, Body] = {
    "security.password": {
        "allowedStrength": "STRONG",
        "minimumLength": 8,
        "maximumLength": 100,
        "enforceRequirementsAtLogin": False,
        "allowReuse": False,
        "expirationDuration": "0s",
    },
    "security.session_controls": {"webSessionDuration": "1209600s"},
    "security.login_challenges": {"enableEmployeeIdChallenge": False},
    "security.advanced_protection_program": {
        "enableAdvancedProtectionSelfEnrollment": True,
        "securityCodeOption": "ALLOWED_WITHOUT_REMOTE_ACCESS",
    },
    "security.two_step_verification_sign_in_code": {"backupCodeExceptionPeriod": "0s"},
    "security.passkeys_restriction": {"allowedPasskeysType": "ALL"},
    "gmail.confidential_mode": {"enableConfidentialMode": True},
    "gmail.email_attachment_safety": {
        "enableEncryptedAttachmentProtection": True,
        "encryptedAttachmentProtectionConsequence": "WARNING",
        "enableAttachmentWithScriptsProtection": True,
        "attachmentWithScriptsProtectionConsequence": "WARNING",
        "enableAnomalousAttachmentProtection": False,
        "anomalousAttachmentProtectionConsequence": "WARNING",
        "applyFutureRecommendedSettingsAutomatically": True,
    },
    "gmail.links_and_external_images": {"enableShortenerScanning": True, "enableExternalImageScanning": True},
    "gmail.spoofing_and_authentication": {
        "detectDomainNameSpoofing": True,
        "detectEmployeeNameSpoofing": True,
        "detectDomainSpoofingFromUnauthenticatedSenders": True,
        "detectUnauthenticatedEmails": False,
        "detectGroupsSpoofing": True,
        "domainNameSpoofingConsequence": "WARNING",
        "employeeNameSpoofingConsequence": "WARNING",
        "domainSpoofingConsequence": "WARNING",
        "unauthenticatedEmailConsequence": "WARNING",
        "groupsSpoofingConsequence": "WARNING",
        "groupsSpoofingVisibilityType": "PRIVATE_GROUPS_ONLY",
    },
    "gmail.enhanced_pre_delivery_message_scanning": {"enableImprovedSuspiciousContentDetection": True},
    "gmail.imap_access": {"enableImapAccess": True},
    "gmail.pop_access": {"enablePopAccess": True},
    "gmail.per_user_outbound_gateway": {"allowUsersToUseExternalSmtpServers": False},
    "gmail.user_email_uploads": {"enableMailAndContactsImport": True},
    "gmail.gmail_name_format": {"allowCustomDisplayNames": True, "defaultDisplayNameFormat": "FIRSTNAME_LASTNAME"},
    "drive_and_docs.shared_drive_creation": {
        "allowSharedDriveCreation": True,
        "orgUnitForNewSharedDrives": "CREATOR_ORG_UNIT",
        "allowManagersToOverrideSettings": True,
        "allowExternalUserAccess": True,
        "allowNonMemberAccess": True,
        "allowedPartiesForDownloadPrintCopy": "ALL",
        "allowContentManagersToShareFolders": True,
    },
    "drive_and_docs.drive_for_desktop": {"allowDriveForDesktop": True, "restrictToAuthorizedDevices": False},
    "drive_and_docs.file_security_update": {
        "securityUpdate": "APPLY_TO_IMPACTED_FILES",
        "allowUsersToManageUpdate": True,
    },
    "drive_and_docs.external_file_warning": {"highlightingEnabled": True},
    "chat.chat_file_sharing": {"externalFileSharing": "ALL_FILES", "internalFileSharing": "ALL_FILES"},
    "chat.space_history": {"historyState": "DEFAULT_HISTORY_ON"},
    "chat.chat_apps_access": {"enableApps": True, "enableWebhooks": True},
    "chat.chat_external_spaces": {"enabled": True, "domainAllowlistMode": "ALL_DOMAINS"},
    "calendar.appointment_schedules": {"enablePayments": True},
    "classroom.class_membership": {
        "whoCanJoinClasses": "ANYONE_IN_DOMAIN",
        "whichClassesCanUsersJoin": "CLASSES_IN_DOMAIN",
    },
    "classroom.guardian_access": {"allowAccess": False, "whoCanManageGuardianAccess": "VERIFIED_TEACHERS_ONLY"},
    "classroom.roster_import": {"rosterImportOption": "OFF"},
    "classroom.teacher_permissions": {"whoCanCreateClasses": "ANYONE_IN_DOMAIN"},
    "classroom.api_data_access": {"enableApiAccess": True},
    "classroom.student_unenrollment": {"whoCanUnenrollStudents": "TEACHERS_ONLY"},
    "calendar.interoperability": {
        "enableInteroperability": False,
        "enableFullEventDetails": False,
        "enableExchangeRoomBooking": False,
    },
    "meet.meet_joining": {"allowedAudience": "ALL"},
    "meet.safety_domain": {"usersAllowedToJoin": "ALL"},
    "meet.safety_access": {"meetingsAllowedToJoin": "ALL"},
    "meet.safety_host_management": {"enableHostManagement": False},
    "meet.safety_external_participants": {"enableExternalLabel": True},
    "meet.video_recording": {"enableRecording": True},
    "sites.sites_creation_and_modification": {"allowSitesCreation": True, "allowSitesModification": True},
    "rule.system_defined_alerts": {
        "displayName": "Suspicious login",
        "description": "Google detected a sign-in attempt that does not match a person's normal behaviour.",
        "state": "ACTIVE",
    },
    "workspace_marketplace.apps_allowlist": {"apps": [{"applicationId": "497016023152", "access": "ALLOWED"}]},
    "api_controls.app_approval_requests": {"enableRequests": True},
    "api_controls.google_services": {"services": [{"serviceId": "DRIVE", "accessLevel": "UNRESTRICTED"}]},
    "multi_party_approval.multi_party_approval": {"enabled": False},
    "data_regions.data_at_rest_region": {"region": "ANY"},
    "data_regions.data_processing_region": {"limitToStorageRegion": False},
    "gmail.smime_encryption": {"enableSmimeEncryption": False},
    **{f"{name}.user_takeout": {"takeoutStatus": "ENABLED"} for name in _TAKEOUT},
    **{f"{name}.service_status": {"serviceState": "DISABLED" if name in _OFF else "ENABLED"} for name in _SERVICES},
}

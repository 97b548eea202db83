"""What a new group's settings are."""

from connectors.emulator.wire import Body

SETTINGS = "google.groupSettings"  # by group id


def default_settings() -> Body:
    """Make the settings of a group that the school made: its own people may write to it, nobody else."""
    return {
        "whoCanJoin": "CAN_REQUEST_TO_JOIN",
        "whoCanViewMembership": "ALL_MEMBERS_CAN_VIEW",
        "whoCanViewGroup": "ALL_MEMBERS_CAN_VIEW",
        "whoCanInvite": "ALL_MANAGERS_CAN_INVITE",
        "whoCanAdd": "ALL_MANAGERS_CAN_ADD",
        "allowExternalMembers": "false",
        "whoCanPostMessage": "ALL_IN_DOMAIN_CAN_POST",
        "allowWebPosting": "true",
        "maxMessageBytes": 26214400,
        "isArchived": "true",
        "archiveOnly": "false",
        "messageModerationLevel": "MODERATE_NONE",
        "spamModerationLevel": "MODERATE",
        "replyTo": "REPLY_TO_IGNORE",
        "customReplyTo": "",
        "includeCustomFooter": "false",
        "customFooterText": "",
        "sendMessageDenyNotification": "false",
        "defaultMessageDenyNotificationText": "",
        "showInGroupDirectory": "true",
        "allowGoogleCommunication": "false",
        "membersCanPostAsTheGroup": "false",
        "messageDisplayFont": "DEFAULT_FONT",
        "includeInGlobalAddressList": "true",
        "whoCanLeaveGroup": "ALL_MEMBERS_CAN_LEAVE",
        "whoCanContactOwner": "ALL_IN_DOMAIN_CAN_CONTACT",
        "favoriteRepliesOnTop": "false",
        "whoCanApproveMembers": "ALL_MANAGERS_CAN_APPROVE",
        "whoCanBanUsers": "OWNERS_AND_MANAGERS",
        "whoCanModifyMembers": "OWNERS_AND_MANAGERS",
        "whoCanApproveMessages": "OWNERS_AND_MANAGERS",
        "whoCanDeleteAnyPost": "OWNERS_AND_MANAGERS",
        "whoCanDeleteTopics": "OWNERS_AND_MANAGERS",
        "whoCanLockTopics": "OWNERS_AND_MANAGERS",
        "whoCanMoveTopicsIn": "OWNERS_AND_MANAGERS",
        "whoCanMoveTopicsOut": "OWNERS_AND_MANAGERS",
        "whoCanPostAnnouncements": "OWNERS_AND_MANAGERS",
        "whoCanHideAbuse": "NONE",
        "whoCanMakeTopicsSticky": "NONE",
        "whoCanModerateMembers": "OWNERS_AND_MANAGERS",
        "whoCanModerateContent": "OWNERS_AND_MANAGERS",
        "whoCanAssistContent": "NONE",
        "customRolesEnabledForSettingsToBeMerged": "false",
        "enableCollaborativeInbox": "false",
        "whoCanDiscoverGroup": "ALL_IN_DOMAIN_CAN_DISCOVER",
        "default_sender": "DEFAULT_SELF",
    }

"""The reasons for the state of single objects in a plan, for administrators and for governors."""

from toolkit.sdk.reason import ReasonCode, same_words

NOT_TAKEN_BACK = ReasonCode(
    "not_taken_back",
    admin="{control}: {count} {count:object|objects} that it no longer asks for {count:is|are} still in place",
    governor="{count} of its settings {count:is|are} still in place, although the school no longer asks for them",
)


LEFT_TO = ReasonCode(
    "left_to_another",
    admin="{about}: the playbooks leave it to {name}, and no one checks this",
    governor="{about}: the school leaves it to {name}, and nothing checks this",
)


ACCEPTED_AS_IT_IS = ReasonCode(
    "accepted_as_it_is",
    admin="{about}{setting} accepted as it is until {until}: {why}",
    governor="{about} accepted as it is until {until}: {why}",
)


ACCEPTED_BY = same_words("accepted_by", "accepted by {by}")


AS_THE_PLAYBOOKS_SAY = ReasonCode(
    "as_the_playbooks_say", admin="{about} as the playbooks say", governor="{about}: as agreed"
)


SOME_DIFFER = ReasonCode(
    "some_differ",
    admin="{about} not as the playbooks say: {wrong}",
    governor="{about}: {wrong} {wrong:differs|differ} from the agreed set-up",
)


KEPT_FROM_IT = ReasonCode(
    "object_kept_from_it",
    admin="{about} is not as the playbooks say: {why}",
    governor="{about}: different from the agreed set-up",
)


KEPT_FROM_SOME = ReasonCode(
    "object_kept_from_some",
    admin="{about} does not do all that the playbooks say: {why}",
    governor="{about}: only partly as agreed",
)


MAY_NOT_WORK = ReasonCode(
    "object_may_not_work",
    admin="{about}: set, but may not work for all its people: {why}",
    governor="{about}: set, but not known to work everywhere",
)


SOME_UNREAD = same_words("some_unread", "{about}: {unread} could not be read: {why}")


NO_ONE_USES_IT = ReasonCode(
    "no_one_uses_it",
    admin="{about}: none of the {count} people in its audience use it: {why}",
    governor="{about}: none of the people that it is for use it: {why}",
)


NOT_READ_HERE = same_words("not_read_here", "{about}: not looked at")


FAILED = ReasonCode(
    "object_failed",
    admin="{about}: the change failed: {why}",
    governor="{about}: different from the agreed set-up, because a change failed",
)

"""The sentences of an export that are the same every time."""

NOT_COVERED = (
    (
        "The filter of the school's internet connection",
        "whoever provides it, and the Designated Safeguarding Lead",
    ),
    ("The pupil records system, payments, and messages to parents from other systems", "the School Business Manager"),
    ("What pupils do: this is a policy for staff", "the Designated Safeguarding Lead"),
    ("Backups, and whether they can be restored", "who looks after the computers"),
    ("Training, and whether staff understand the rules", "the Head Teacher"),
    ("Personal phones on mobile data, which no school can see", "nobody: it is trust"),
)
SPOT_CHECKS = (
    "Ask a member of staff to send you a message, and look whether the school's own wording stands under it.",
    "Ask to see the list of approved exceptions beside this report, and compare one of them with the minutes.",
    "At a school computer, open one of the sites that must be blocked, and look at what happens.",
)
VERIFY = (
    (
        "Ask for the files and for the command `toolkit audit verify FILE`. It recomputes the seal over every part and"
        " names the part in which a single character was changed."
    ),
    (
        "Run it at the school: it also compares the file with the school's own record, in which each entry seals the"
        " one before it, and says whether anything was taken out of that record."
    ),
    "Compare the number on page one and the seal at the end with those in the minutes of the meeting that received it.",
)
METHOD = (
    (
        "The playbooks are files in which the school wrote down, setting by setting, what it wants. A computer signed"
        " in to the school's systems with permission to read and none to change. It looked at each setting once, and"
        " compared it with the playbooks. It then compared the playbooks with the least that each clause of the"
        " policy asks for."
    ),
    (
        "A clause is met only if both agree, for everybody and everything that it is about. Where the school uses two"
        " clouds, the worse one counts."
    ),
    (
        "“Since” never reaches back before the first look that this school's record holds. Of the time before, nothing"
        " is claimed."
    ),
    "What could not be read is “not checked”, and never counted as met. What only people keep is “not technical”.",
    "A confirmation is the word of the role named beside it, and counts until its day.",
    "This report says how settings stand. It does not say that nobody breaks the rules, and it is no legal advice.",
)
MEANINGS = {
    "met": "what was read agrees with the policy",
    "partly": "some of it holds, and some does not or is not confirmed",
    "not met": "what was read does not agree with the policy",
    "exception accepted": "different for some people and a time, as somebody approved",
    "evidence on file": "no computer can tell, and the records are in order",
    "not technical": "conduct, which no computer judges; the owner answers for it",
    "not checked": "nobody could look, or nobody has confirmed it yet",
    "decision needed": "the policy leaves a choice open, and nobody has made it",
}
PRACTICE = "Practice run, simulated data: nothing here is about a real school."
SIGN_OFF = ("Head Teacher", "Chair of Governors")

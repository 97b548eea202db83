"""Draws settings of a tenant and messages, so that the product's answers can be compared with the emulator's delivery.

The settings of a drawn set have the form of a row in `outcomes.yaml`: `rules`, `stored` and `policies`. `arrange` puts
them into a tenant, and `Tenant.deliver` returns the outcomes. The same number always gives the same set.

A message is a JSON object:

- `from`: address in the From header. `sender`: address of the envelope, only if it differs.
- `to`, `cc`, `bcc`: lists of addresses. At least one address.
- `subject`, `body`: texts, "" if they are missing.
- `attachments`: [{"name", "size"}], the size in bytes. Optional: `text` (its words), `encrypted` and `program` (true or
  false) and `files` (names inside an archive).
- `headers`: {"X-Name": "value"}, in addition to From, To, Cc and Subject.
- `size`: bytes of the whole message. If it is missing, the bytes of subject, body and attachments.
- `at`: ISO 8601 with a time zone. If it is missing, the tenant's time.
- `authenticated`: true if the sender signed in or the sender's domain is verified.
- `ip`: address of the server that delivers the message. `scl`: the provider's own spam level.
- `type`: "" or OOF, AutoForward, Encrypted, Calendaring, PermissionControlled, Voicemail, Signed, ApprovalRequest,
  ReadReceipt. `importance`: Low, Normal (default), High.

A missing `ip`, `scl`, `text` of an attachment, or `files` of an archive is unknown, not empty.

An outcome is a JSON object. There is one for each address in to, cc and bcc, and for each member of a list that lets
the message through (then the list itself has none):

- `cloud`, `recipient`.
- `result`: delivered, rejected, quarantined, moderated, redirected, dropped or unknown.
- `by`: name of the rule, list or policy that decided, "" if it is delivered. `kind`: the type of that setting.
- `text`: reason of a rejection by a rule, or the facts that are missing. `to`: new recipients, or moderators.
- `subject`, `headers`, `disclaimers`, `tag`, `folder`: the message as the recipient gets it. `headers` has only the
  headers that rules set, and `disclaimers` the names of the rules that added a text.
- `via`: the list that led to the recipient. `added_by`: the rule that added the recipient. `copies`: recipients that
  rules add, with the rule.
- `steps`: the settings that were looked at, in order: `kind`, `name`, `matched` (null if it is unknown), `why` and
  `effect`.

A comparison looks at `recipient`, `result`, `by`, and at `text` for a rejection by a rule.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.delivery.draw_policies import draw_groups, draw_policies, draw_stored
from tests.delivery.draw_rules import EXTENSIONS, REAL_RULES, TYPES, WORDS, Values, draw_rule
from tests.delivery.people import AUTHORITY, DOMAIN, LISTS, OUTSIDE, PUPILS, SHARED, STAFF, at_school

SETS, MESSAGES = 200, 25
"""The number of sets, and of messages for each set: 5,000 messages."""

_EVERY_GOOGLE = 4
"""Each fourth set is for Google Workspace."""


@dataclass(frozen=True)
class DrawnSet:
    """The settings of a tenant, and messages to deliver with them."""

    number: int
    cloud: str
    settings: Mapping[str, Any]  # rules, stored, managers and policies, like a row of `outcomes.yaml`
    messages: Sequence[Values]


def draw_sets(count: int = SETS, *, decided_only: bool = True) -> Iterator[DrawnSet]:
    """Yield sets whose rules use only decided conditions, or sets with other conditions among them."""
    return (draw_set(number, decided_only=decided_only) for number in range(count))


def draw_set(number: int, *, seed: int = 0, messages: int = MESSAGES, decided_only: bool = True) -> DrawnSet:
    """Return the set with a number. Another seed gives another set, and more messages do not change its rules."""
    random = Random(f"{seed}/{number}/{decided_only}")
    drawn = [_draw_message(Random(f"{seed}/{number}/{decided_only}/{place}")) for place in range(messages)]
    if number % _EVERY_GOOGLE == _EVERY_GOOGLE - 1:
        return DrawnSet(
            number, "google_workspace", {"stored": draw_groups(random), "policies": draw_policies(random)}, drawn
        )
    rules = [draw_rule(random, place, decided_only=decided_only) for place in range(random.randint(2, 8))]
    rules += random.sample(REAL_RULES, random.randint(0, 2))
    random.shuffle(rules)
    managers = {person: random.choice(STAFF[:2]) for person in random.sample(STAFF[2:], 3)}
    settings: Values = {"rules": rules, "stored": draw_stored(random), "managers": managers}
    return DrawnSet(number, "microsoft365", settings, drawn)


def _draw_message(random: Random) -> Values:
    sender = random.choice((*STAFF[:8], *PUPILS, *OUTSIDE, *OUTSIDE))
    inside = sender.endswith(f"@{DOMAIN}")
    message: Values = {
        "from": sender,
        "subject": _draw_text(random, 3),
        "body": _draw_text(random, 8),
        "authenticated": random.random() < 0.95 if inside else random.random() < 0.5,
        "attachments": [_draw_attachment(random) for _ in range(random.choice((0, 0, 0, 1, 1, 2)))],
        "ip": f"192.0.2.{random.randint(1, 254)}",
        "scl": random.choice((-1, 0, 1, 5, 9)),
        "at": f"2026-11-{random.randint(10, 20)}T{random.randint(0, 23):02}:30:00Z",
        "type": random.choice(TYPES) if random.random() < 0.2 else "",
        "importance": random.choice(("Normal", "Normal", "High", "Low")),
        **_draw_recipients(random),
    }
    if random.random() < 0.3:
        message["headers"] = {random.choice(("X-Mailer", "X-Mark")): random.choice(("MIS 4.2", "bulk", "other"))}
    if random.random() < 0.1:
        message["sender"] = random.choice(OUTSIDE)
    if random.random() < 0.4:
        message["size"] = random.choice((1_000, 5 * 1024, 200 * 1024, 20 * 1024**2, 30 * 1024**2))
    return message


def _draw_recipients(random: Random) -> Values:
    everyone = (*STAFF[:6], *PUPILS[:4], *SHARED, *OUTSIDE, AUTHORITY)
    addresses = random.sample(everyone, random.choice((1, 1, 1, 2, 3)))
    if random.random() < 0.15:
        addresses.insert(random.randint(0, len(addresses)), random.choice(LISTS))
    if random.random() < 0.02:
        addresses.append(at_school("nobody"))
    fields: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    for address in addresses:
        fields[random.choice(("to", "to", "to", "cc", "bcc"))].append(address)
    return {field: listed for field, listed in fields.items() if listed}


def _draw_text(random: Random, words: int) -> str:
    filler = ("hello", "about", "tomorrow", "case 1234", "123-45", "Contoso", "invoices", "Re:", "form", "!!")
    return " ".join(random.choice((*WORDS, *filler)) for _ in range(random.randint(0, words)))


_HARMLESS = ("pdf", "docx", "jpg")


def _draw_attachment(random: Random) -> Values:
    extension = random.choice((*EXTENSIONS, *_HARMLESS * 4))
    name = f"{random.choice(('form', 'invoice', 'photo', 'notes'))}.{extension}"
    size = random.choice((1, 900, 100 * 1024, 4 * 1024**2, 10 * 1024**2, 12 * 1024**2))
    attachment: Values = {
        "name": name,
        "size": size,
        "text": _draw_text(random, 4),
        "encrypted": random.random() < 0.1,
        "program": extension == "exe" or random.random() < 0.05,
    }
    if extension == "zip":
        attachment["files"] = [f"inner.{random.choice(EXTENSIONS)}" for _ in range(random.randint(0, 2))]
    return attachment

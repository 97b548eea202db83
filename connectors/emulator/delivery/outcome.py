"""The outcome of a message for one recipient, and the steps that led to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.emulator.store import Body

DELIVERED, REJECTED, QUARANTINED, MODERATED, REDIRECTED, DROPPED, UNKNOWN = (
    "delivered", "rejected", "quarantined", "moderated", "redirected", "dropped", "unknown",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A setting that the service looked at. `is_match` is None if the message does not show the facts."""

    kind: str
    name: str
    is_match: bool | None
    why: str = ""  # conditions that decided, or facts that are missing
    effect: str = ""

    def to_json(self) -> Body:
        return {
            "kind": self.kind, "name": self.name, "matched": self.is_match, "why": self.why, "effect": self.effect,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The result for one recipient, with the message as that recipient would get it."""

    cloud: str
    recipient: str
    result: str = DELIVERED
    by: str = ""  # name of the rule, list or policy that decided
    kind: str = ""
    text: str = ""  # of a rejection, or the facts that are missing
    targets: tuple[str, ...] = ()  # new recipients, or moderators
    subject: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # set by rules
    disclaimers: tuple[str, ...] = ()  # names of the rules that added a text, in order
    tag: bool = False
    folder: str = "inbox"
    copies: Mapping[str, str] = field(default_factory=dict)  # the rule that added a recipient, by the address
    added_by: str = ""
    via: str = ""
    steps: tuple[Step, ...] = ()

    def decide(
        self, result: str, kind: str, by: str, *, text: str = "", targets: Sequence[str] = (), why: str = ""
    ) -> "DeliveryOutcome":
        """Return the outcome with a result, and with the step that led to it."""
        step = Step(kind, by, None if result == UNKNOWN else True, why or (text if result == UNKNOWN else ""), result)
        decided = replace(self, result=result, kind=kind, by=by, text=text, targets=tuple(targets))
        return decided.add_step(step)

    def add_step(self, step: Step) -> "DeliveryOutcome":
        return replace(self, steps=(*self.steps, step))

    @property
    def is_delivered(self) -> bool:
        return self.result == DELIVERED

    def to_json(self) -> Body:
        return {
            "cloud": self.cloud, "recipient": self.recipient, "result": self.result, "by": self.by, "kind": self.kind,
            "text": self.text, "to": list(self.targets), "subject": self.subject, "headers": self.headers,
            "disclaimers": list(self.disclaimers), "tag": self.tag, "folder": self.folder, "copies": self.copies,
            "added_by": self.added_by, "via": self.via, "steps": [step.to_json() for step in self.steps],
        }  # fmt: skip

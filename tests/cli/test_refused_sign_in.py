"""What each command does if a cloud refuses a sign-in: at the first token, or in the middle of a run.

A cloud that refuses the first token is unknown, and the other cloud is still read. A token that is refused later ends
the run, because every further request would fail too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.cases import playbook, resource
from tests.cli.test_device import IPAD, PLAYBOOK, REGISTER
from tests.cli.test_hold import PERSON, Office
from tests.door import Checkpoint, CommandResult, open_door
from tests.emulated import FEW_PEOPLE, Emulator, Tenant
from toolkit.holds.register import new_key

FOR_EVER = 10_000
RULE = "microsoft365.transport_rule"


def _expire_secrets(tenant: Tenant) -> None:
    for application in ("writer", "reader"):
        tenant.patch("applications", application, secret_expires="2020-01-01T00:00:00Z")


def _refuse_service_account(tenant: Tenant) -> None:
    tenant.fault("rejected", "POST /token", status=400, reason="invalid_grant", times=FOR_EVER)


def _refuse_both(tenant: Tenant) -> None:
    _expire_secrets(tenant)
    _refuse_service_account(tenant)


def _refuse_later(operation: str) -> Callable[[Tenant], None]:
    return lambda tenant: tenant.fault("expired_token", operation, times=FOR_EVER)


MICROSOFT_WORDS, GOOGLE_WORDS = "Microsoft refuses to sign in app", "Google refuses to sign in"
TOKEN_WORDS = "the service refuses the access token of this"
REFUSALS: Mapping[str, tuple[Callable[[Tenant], None], Sequence[str]]] = {
    "Microsoft at first": (_expire_secrets, [MICROSOFT_WORDS]),
    "Google at first": (_refuse_service_account, [GOOGLE_WORDS]),
    "both at first": (_refuse_both, [MICROSOFT_WORDS, GOOGLE_WORDS]),
    "Microsoft later": (_refuse_later("GET /users*"), [f"{TOKEN_WORDS} app"]),
    "Google later": (_refuse_later("directory.users*"), [f"{TOKEN_WORDS} service account"]),
}
IN_SOAK = {"Microsoft at first", "Google at first", "Google later"}
UNTOUCHED = -1
"""In place of an exit code: the command asks for no token that is refused, and ends as usual."""
WRITERS = {"apply", "due", "import microsoft365", "import google_workspace", "rollback", "hold place", "device lost"}
COMMANDS: Mapping[str, tuple[Sequence[str], Sequence[int]]] = {
    "plan": (["plan", "DIR"], [4, 3, 1, 3, 3]),
    "apply": (["apply", "DIR", "--yes"], [4, 4, 1, 4, 4]),
    "drift": (["drift", "DIR"], [3, 3, 1, 3, 3]),
    "check": (["check", "DIR"], [4, 3, 1, 3, 3]),
    "due": (["due", "DIR", "--yes"], [4, 4, 1, 1, 1]),
    "doctor": (["doctor", "DIR"], [4, 4, 1, 4, 4]),
    "rollover": (["rollover", "DIR"], [4, 4, 1, UNTOUCHED, 4]),
    "import microsoft365": (
        ["import", "microsoft365", "automatic_reply", "-o", "DIR"],
        [1, UNTOUCHED, 1, 4, UNTOUCHED],
    ),
    "import google_workspace": (
        ["import", "google_workspace", "vacation", "-o", "DIR"],
        [UNTOUCHED, 1, 1, UNTOUCHED, 4],
    ),
    "rollback": (["rollback", "last", "DIR", "--yes"], [4, 4, 1, UNTOUCHED, 1]),
    "hold list": (["hold", "list", "--playbooks", "DIR"], [3, 3, 1, 1, 1]),
    "hold confirm": (["hold", "confirm", "--playbooks", "DIR"], [3, 3, 1, 1, 1]),
    "hold place": (["hold", "place", "2026-C", "--person", "-", "--playbooks", "DIR"], [4, 4, 1, UNTOUCHED, 1]),
    "device lost": (["device", "lost", IPAD, "--yes", "--playbooks", "DIR"], [4, 4, 1, 1, 1]),
}
"""The words of each command, and its exit code for each refusal in the order of REFUSALS."""


@pytest.fixture(scope="module")
def keep_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Office]]:
    """Open a school with a rule, a person on hold and a register of devices, and yield what puts it back to that."""
    tenant = emulator.open_tenant(**FEW_PEOPLE)
    office = Office(open_door(tenant, tmp_path_factory.mktemp("school"), samples=False), new_key())
    rules = [resource(RULE, name, {"from_scope": "NotInOrganization", "prepend_subject": "[x] "}) for name in "AB"]
    office.door.write("10.yaml", playbook(rules[0]))
    office.door.write("20-lost.yaml", PLAYBOOK)
    office.door.write("devices.csv", REGISTER.format(holder=office.address(PERSON)))
    assert office.door.toolkit("apply", "--yes").exit == 0
    assert office.place(PERSON).exit == 0
    office.door.write("10.yaml", playbook(*rules))  # so that there is something to do
    checkpoint = Checkpoint.take(office.door, tmp_path_factory.mktemp("kept"))
    yield lambda: replace(office, door=checkpoint.restore())
    tenant.close()


def _run(office: Office, command: Sequence[str]) -> CommandResult:
    words = [str(office.door.playbooks) if word == "DIR" else word for word in command]
    says = f"{office.address(PERSON)}\n"
    return office.door(*words, says=says, TOOLKIT_HOLDS_KEY=office.key, TOOLKIT_PATIENCE="1")


@pytest.mark.parametrize(
    "refusal", [pytest.param(name, marks=pytest.mark.soak) if name in IN_SOAK else name for name in REFUSALS]
)
def test_a_refused_sign_in_has_its_exit_code_and_its_words_in_every_command(
    refusal: str, keep_school: Callable[[], Office]
) -> None:
    refuse, words = REFUSALS[refusal]
    column, ended, expected = [*REFUSALS].index(refusal), {}, {}
    office: Office | None = None
    for name, (command, exits) in COMMANDS.items():
        if exits[column] == UNTOUCHED:
            continue
        if office is None:
            office = keep_school()
            refuse(office.tenant)
        answered = _run(office, command)
        said = " ".join((answered.out + answered.err).split())
        ended[name], expected[name] = (answered.exit, all(word in said for word in words)), (exits[column], True)
        if answered.exit == 1 and name != "doctor":
            assert answered.err.count("\n") == 1, answered.err
        if name in WRITERS:
            office = None
    assert ended == expected

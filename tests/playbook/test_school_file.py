"""The school file says who the school is; what is wrong with it is told with its line."""

from collections.abc import Callable, Mapping

import pytest

from toolkit.playbook.entries import Playbooks
from toolkit.school.school import ProtectedList, Role, School, Tenant
from toolkit.sdk.resource import Mode, Origin

Files = Mapping[str, str | bytes]

WHOLE = """\
school: Example Primary School
short_name: EPS
domains: [Example-Primary.example, second.example]
time_zone: Europe/London
phone: 01632 960000
website: https://example-primary.example
tenants:
  microsoft365:
    tenant_id: 0B1F5E0C-8a3d-4a57-9d3c-2f1c5c7b9e11
    domain: example-primary.example
mode: enforce
roles:
  staff: {microsoft365: staff@example-primary.example}
  devices: {microsoft365: /Staff/Devices}
protected:
  accounts: [break-glass@example-primary.example]
"""


def test_a_school_is_read_as_written(load_files: Callable[[Files], Playbooks]) -> None:
    assert load_files({"00-school.yaml": WHOLE}).school == School(
        name="Example Primary School",
        short_name="EPS",
        domains=("example-primary.example", "second.example"),
        time_zone="Europe/London",
        tenants={"microsoft365": Tenant("0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11", "example-primary.example")},
        roles={
            "staff": Role("staff", groups={"microsoft365": "staff@example-primary.example"}),
            "devices": Role("devices", units={"microsoft365": "/Staff/Devices"}),
        },
        protected=ProtectedList(accounts=("break-glass@example-primary.example",)),
        mode=Mode.ENFORCE,
        phone="01632 960000",
        website="https://example-primary.example",
        origin=Origin("playbooks/00-school.yaml", 1),
    )


def test_a_school_that_says_no_mode_is_checked_only(load_files: Callable[[Files], Playbooks]) -> None:
    assert load_files({}).school.mode is Mode.CHECK


def test_a_school_of_two_clouds_names_both(load_files: Callable[[Files], Playbooks]) -> None:
    google = "tenants:\n  google_workspace: {customer_id: C03az79cb, domain: example-primary.example}"

    school = load_files({"00-school.yaml": WHOLE.replace("tenants:", google)}).school

    assert school.tenants["google_workspace"] == Tenant("C03az79cb", "example-primary.example")


BAD = {
    "nothing but a name": ("school: E", 1, "the school file needs `domains`"),
    "an empty name": (WHOLE.replace("EPS", "''"), 2, "`short_name`: must be one line of text, without spaces around"),
    "a long short name": (WHOLE.replace("EPS", "E" * 21), 2, "`short_name` can have at most 20 characters"),
    "no domains": (WHOLE.replace("[Example-Primary.example, second.example]", "[]"), 3, "`domains` must have at least"),
    "no domain": (
        WHOLE.replace("second.example", "second"),
        3,
        'entry 2 of `domains`: "second" is not a domain, such as',
    ),
    "a misspelt time zone": (
        WHOLE.replace("London", "Londn"),
        4,
        '`time_zone`: "Europe/Londn" is not a time zone: did you mean `Europe/London`?',
    ),
    "a time zone of Windows": (
        WHOLE.replace("Europe/London", "GMT Standard Time"),
        4,
        '`time_zone`: "GMT Standard Time" is not a time zone, such as Europe/London',
    ),
    "a unit without its slash": (
        WHOLE.replace("{microsoft365: staff@example-primary.example}", "{google_workspace: Staff}"),
        13,
        "`Staff` is neither a group's address nor a unit: did you mean `/Staff`?",
    ),
    "a time zone outside": (WHOLE.replace("Europe/London", "../../etc/passwd"), 4, '`time_zone`: "../../etc/passwd"'),
    "a website without https": (WHOLE.replace("https://", ""), 6, "`website`: must be a full address such as https"),
    "an unknown provider": (
        WHOLE.replace("tenants:\n  microsoft365", "tenants:\n  microsoft_365"),
        8,
        "unknown provider `microsoft_365`: did you mean `microsoft365`?",
    ),
    "an unknown provider of a role": (WHOLE.replace("{microsoft365: s", "{m: s"), 13, "unknown provider `m`: there is"),
    "a tenant id that is none": (
        WHOLE.replace("0B1F5E0C-", ""),
        9,
        "`tenants.microsoft365.tenant_id`: must be `emulated`, or the tenant's id such as",
    ),
    "a customer id that is none": (
        WHOLE.replace("tenant_id: 0B1F5E0C-8a3d-4a57-9d3c-2f1c5c7b9e11", "customer_id: my_customer"),
        9,
        "`tenants.microsoft365.customer_id`: must be `emulated`, or the customer's id such as C03az79cb",
    ),
    "a tenant without an id": (
        WHOLE.replace("tenant_id: 0B1F5E0C-8a3d-4a57-9d3c-2f1c5c7b9e11\n    ", ""),
        8,
        "`tenants.microsoft365`: must have either `tenant_id` or `customer_id`",
    ),
    "a tenant without a domain": (
        WHOLE.replace("    domain: example-primary.example\n", ""),
        8,
        "`tenants.microsoft365` needs `domain`",
    ),
    "no tenant": (WHOLE.replace("tenants:", "tenants: {}\nx:"), 7, "`tenants` must have at least 1 entry, not 0"),
    "a mode that is off": (WHOLE.replace("enforce", "off"), 11, '`mode` must be `enforce` or `check`, not "off"'),
    "a role named everyone": (WHOLE.replace("devices", "everyone"), 14, "`everyone` is not a name for a role, such as"),
    "a role that is a word": (
        WHOLE.replace("{microsoft365: staff@example-primary.example}", "staff"),
        13,
        '`roles.staff` must be a table of keys and values, not "staff"',
    ),
    "a misspelt list": (
        WHOLE.replace("accounts", "acounts"),
        16,
        "unknown setting `acounts`: did you mean `accounts`?",
    ),
    "a number among accounts": (
        WHOLE.replace("[break-glass@example-primary.example]", "[1]"),
        16,
        "entry 1 of `protected.accounts` must be text, not 1. Put it in quotes",
    ),
    "a tenant's domain with a slip": (
        WHOLE.replace("    domain: example-primary", "    domain: exmaple-primary"),
        10,
        "`exmaple-primary.example` is not one of the school's domains: did you mean `example-primary.example`?",
    ),
    "a domain of Microsoft's for Google": (
        WHOLE.replace("tenants:", "tenants:\n  google_workspace: {customer_id: C03az79cb, domain: x.onmicrosoft.com}"),
        8,
        "`x.onmicrosoft.com` is a Microsoft name. Write a domain of the google_workspace tenant",
    ),
    "a protected account with a slip": (
        WHOLE.replace("glass@example-primary", "glass@example-primry"),
        16,
        (
            "`break-glass@example-primry.example` is not one of the school's domains: did you mean "
            "`example-primary.example`?"
        ),
    ),
    "a protected mailbox with a slip": (
        WHOLE + "  mailboxes:\n    - head@second.example\n    - office@secnd.example\n",
        19,
        "`office@secnd.example` is not one of the school's domains: did you mean `second.example`? If not, write",
    ),
    "a protected account without a domain": (
        WHOLE.replace("break-glass@example-primary.example", "break-glass"),
        16,
        "`break-glass` is not a complete e-mail address, so nothing would be protected. Write the complete address",
    ),
}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("    domain: example-primary.example", "    domain: oak.onmicrosoft.com", 10),
        ("    domain: example-primary.example", "    domain: trust.example", 10),
        ("[break-glass@example-primary.example]", "[support@supplier.example]", 16),
        ("[break-glass@example-primary.example]", "[admin@pupils.example-primary.example]", 16),
    ],
)
def test_a_domain_that_is_quite_other_is_remarked_on_with_its_line(
    load_files: Callable[[Files], Playbooks], before: str, after: str, line: int
) -> None:
    playbooks = load_files({"00-school.yaml": WHOLE.replace(before, after)})

    (remark,) = playbooks.remarks
    assert (remark.path, remark.line) == ("playbooks/00-school.yaml", line)
    assert "is outside `domains`. If the domain belongs to the school, write `" in remark.message
    assert load_files({"00-school.yaml": WHOLE}).remarks == ()


@pytest.mark.parametrize(("text", "line", "message"), BAD.values(), ids=BAD)
def test_a_school_file_that_cannot_be_used_is_refused(
    refused: Callable[[Files], list[str]], text: str, line: int, message: str
) -> None:
    problems = refused({"00-school.yaml": text})

    assert problems[0].startswith(f"playbooks/00-school.yaml:{line}: {message}")


def test_roles_are_not_asked_for_while_the_school_file_is_wrong(refused: Callable[[Files], list[str]]) -> None:
    text = "playbook: x\ncontrols:\n  - mail.label: {for: governors}\n"

    problems = refused({"00-school.yaml": WHOLE.replace("Europe", "Europa"), "10-x.yaml": text})

    assert [problem.split(" ")[0] for problem in problems] == ["playbooks/00-school.yaml:4:"]

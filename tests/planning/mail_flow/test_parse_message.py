"""Reading a saved message: what is taken from it, and hostile files, which are refused without their words."""

from email.message import EmailMessage
from io import BytesIO
from zipfile import ZipFile

import pytest

from toolkit.errors import UsageError
from toolkit.planning.mail_flow.parse_message import (
    LARGEST_FILE,
    attachment_of_name,
    parse_message_file,
    parse_size,
)

PLAIN = b"""From: Parent <Parent@parents.example>
To: office@school.example, Head <head@school.example>
Cc: staff@school.example
Subject: =?utf-8?b?VHJpcA==?=
Importance: high
X-Mailer: Phone
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>The <b>form</b></p>
--b
Content-Type: application/pdf
Content-Disposition: attachment; filename="form.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjcKL0VuY3J5cHQ=
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="photo.jpg"
Content-Transfer-Encoding: base64

TVqQAAMA
--b--
"""

DEEPER = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"


def test_a_saved_message_gives_addresses_subject_text_and_files() -> None:
    message = parse_message_file(PLAIN)

    assert message.sender == "parent@parents.example"
    assert (message.to_addresses, message.cc) == (
        ("office@school.example", "head@school.example"),
        ("staff@school.example",),
    )
    assert (message.subject, message.importance, message.size) == ("Trip", "High", len(PLAIN))
    assert message.body is not None
    assert message.body.split() == ["The", "form"]
    assert ("x-mailer", "Phone") in message.headers
    pdf, photo = message.attachments
    assert (pdf.name, pdf.is_encrypted, pdf.is_program) == ("form.pdf", True, False)
    assert (photo.name, photo.is_program) == ("photo.jpg", True)  # its content is a program, whatever its name says


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/encrypted; boundary=b", "Encrypted"),
        ("multipart/signed; boundary=b", "Signed"),
        ("text/calendar", "Calendaring"),
        ("text/plain", ""),
    ],
)
def test_the_type_of_a_message_comes_from_its_content(content_type: str, expected: str) -> None:
    message = parse_message_file(f"From: a@b.example\nContent-Type: {content_type}\n\nx".encode())

    assert message.type == expected
    assert (message.body is None) == (expected == "Encrypted")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 100,
        b"Subject: Secret-Word\n\nSecret-Word",
        b"From: Secret-Word\n\nx",
        b"From: a@b.example\n" + b"".join(DEEPER % (n, n) for n in range(900)),
        b"x" * (LARGEST_FILE + 1),
    ],
    ids=["empty", "binary", "no sender", "no address", "deep", "large"],
)
def test_a_file_that_is_not_a_message_is_refused_without_a_word_of_it(content: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        parse_message_file(content)

    assert "Secret-Word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.example\nSubject: =?nonsense?b?////?=\nContent-Type: text/plain; charset=nonsense\n\n\xff\xfe",
        b"From: a@b.example\nSubject: =?utf-8?b?A?=\n\nx",
        b"From: a@b.example\nContent-Type: multipart/mixed\n\nno boundary",
        b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"From: a@b.example\nContent-Disposition: attachment; filename*=utf-8''%ff%fe\n\nx",
    ],
)
def test_a_damaged_message_is_read_as_far_as_it_goes(content: bytes) -> None:
    assert parse_message_file(content).sender == "a@b.example"


def test_sizes_are_read_as_people_write_them() -> None:
    assert [parse_size(text) for text in ("25 MB", "3kb", "17")] == [25 * 1024**2, 3072, 17]


@pytest.mark.parametrize(
    ("name", "is_program"), [("a.exe", True), ("a.docx", False), ("a.zip", None), ("README", None)]
)
def test_a_named_file_is_what_its_name_says(name: str, is_program: bool | None) -> None:  # noqa: FBT001
    assert attachment_of_name(name).is_program is is_program


def _zip(*names: str) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "files"),
    [
        (_zip("letter.pdf", "run.exe"), ("letter.pdf", "run.exe")),
        (_zip("inner.zip"), None),  # the files in an archive of an archive are not known
        (b"PK\x03\x04 damaged", None),
        (b"%PDF-1.7", None),
    ],
    ids=["names", "nested", "damaged", "no archive"],
)
def test_the_files_in_a_saved_archive_are_known(content: bytes, files: tuple[str, ...] | None) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "a@parents.example", "office@school.example"
    message.set_content("See the file.")
    message.add_attachment(content, maintype="application", subtype="zip", filename="files.zip")

    assert parse_message_file(message.as_bytes()).attachments[0].files == files

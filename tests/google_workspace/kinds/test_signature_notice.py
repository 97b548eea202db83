"""The notice inside a signature: found, put there, taken out; what is around it stays byte for byte."""

import pytest

from connectors.emulator.google_workspace.gmail.html import sanitise
from connectors.google_workspace.kinds.signature import KIND, notice_of
from connectors.google_workspace.kinds.signature.markup import BEGIN, END, HalfNotice, notices, put_notice

TEXT = "<p>Was this not for you? Please tell us.</p>"
OWN = '<div dir="ltr"><b>Amara Ashdown</b><br>Year 3 &amp; music<br></div>'
WRITTEN = put_notice("", TEXT)


@pytest.mark.parametrize("own", ["", OWN, "Amara\nYear 3", "<div><div>Amara</div></div>", "A <i>b", "[School]"])
def test_what_was_there_is_there_again_once_the_notice_is_gone(own: str) -> None:
    signed = put_notice(own, TEXT)

    assert signed == own + WRITTEN
    assert put_notice(signed, None) == own


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{OWN}{WRITTEN}", ""),
        (f"{OWN}{WRITTEN}", "<div>call 01234</div>"),
        ('<div dir="ltr">Amara<br>', "</div>"),
        ('<div dir="ltr">', "</div>"),
        ("<b>", "</b>"),
        ("", " mobile 07700 900123"),
    ],
)
def test_a_notice_is_changed_where_it_stands(before: str, after: str) -> None:
    own = before.replace(WRITTEN, "")
    signed = f"{own}{WRITTEN}{after}"

    assert put_notice(signed, "<p>New</p>") == own + put_notice("", "<p>New</p>") + after
    assert put_notice(signed, None) == own + after


def test_of_two_copies_the_first_stays() -> None:
    assert put_notice(f"{OWN}{WRITTEN}mine{WRITTEN}too", "<p>New</p>") == (
        f"{OWN}{put_notice('', '<p>New</p>')}minetoo"
    )
    assert put_notice(f"{OWN}{WRITTEN}mine{WRITTEN}too", None) == f"{OWN}minetoo"


@pytest.mark.parametrize(
    ("signature", "left"),
    [
        (f"<div>{BEGIN}<br>x<br>{END}</div>", ""),
        (f"<div>{BEGIN}<br>x<br>{END}<br>Amara</div>", "<div><br>Amara</div>"),
        (f"<div>Amara<br>{BEGIN} x {END}</div>", "<div>Amara<br></div>"),
        (f"<div>Amara<div>{BEGIN}</div><div>x</div><div>{END}</div></div>", "<div>Amara</div>"),
        (f'<div dir="ltr"><div><span>{BEGIN}</span>x<span>{END}</span></div></div>', '<div dir="ltr"></div>'),
        (f"{BEGIN.replace(' ', '&nbsp;')} x {END.replace(' ', chr(160))}", ""),
        (f"<i>{BEGIN} x {END}</b></i>", "<i></b></i>"),
    ],
)
def test_a_notice_is_found_however_its_tags_were_rewritten(signature: str, left: str) -> None:
    assert len(notices(signature)) == 1
    assert put_notice(signature, None) == left


@pytest.mark.parametrize(
    "signature",
    [f"{OWN}{BEGIN} x", f"x {END}", f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}", f"{WRITTEN}{BEGIN}"],
)
def test_half_a_notice_is_none(signature: str) -> None:
    with pytest.raises(HalfNotice, match="are not in pairs"):
        notices(signature)
    with pytest.raises(HalfNotice):
        put_notice(signature, None)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "<P>Was this\n   not for you?</P>\n<P>Please <B>tell us</B>.</P>",
        "Just words &amp; a phone: 01234 567890",
        "<p style=\"color: #666666; font-size: 12px; font-family: Arial, 'Open Sans', serif\">&copy; 2026</p>",
        '<p class="MsoNormal" id="one">Please<br/>call&nbsp;us<br>today</p>',
        '<a href="https://www.example-primary.example/privacy" target="_blank" rel="noopener">Privacy</a>',
        '<a href="mailto:office@example-primary.example?subject=A&amp;body=B" title="The office">the office</a>',
        '<img src="https://www.example-primary.example/logo.png" alt="" width="80" height="40" />',
        '<table cellpadding="0" border="0"><tbody><tr><td valign="top">One</td><td>Two</td></tr></tbody></table>',
        "<div><div><p>Inside</p></div></div>",
        "<div>One</div><div>Two</div>",
        "<ul><li>One</li><li>Two &lt; three</li></ul><hr><h3>More</h3>",
        '<font color="#888888" size="1"><em>“Quoted” — it’s fine</em></font>',
        '<blockquote dir="ltr">Left to right</blockquote>',
    ],
)
def test_what_gmail_makes_of_an_ordinary_notice_is_that_notice(text: str) -> None:
    wanted = KIND.spec.desired({"text": text})["text"]
    written = put_notice(OWN, str(wanted))

    kept = sanitise(written)

    assert notice_of({"signature": kept}) == wanted
    assert kept.startswith(OWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>Call us</p>", "<p>Call them</p>"),
        ("<p>Call <b>us</b></p>", "<p>Call us</p>"),
        ('<p style="color:red">Call</p>', '<p style="color:blue">Call</p>'),
        ('<a href="https://a.example">Call</a>', '<a href="https://b.example">Call</a>'),
        ("<div>One</div><div>Two</div>", "One Two"),
    ],
)
def test_what_a_reader_sees_counts(one: str, other: str) -> None:
    assert KIND.spec.desired({"text": one}) != KIND.spec.desired({"text": other})

"""HTML in canonical form: a service may write it otherwise, a word that changed is seen."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.sdk.markup import canonical_html

SAME = [
    ("<p>Hello</p>", "<P>Hello</P>"),
    ("<p>Hello</p>", "<p>\r\n  Hello\r\n</p>\r\n"),
    ("<p>Hello you</p>", "<p>Hello\n   you</p>"),
    ('<p class="a" style="b">x</p>', "<p style='b' class='a'>x</p>"),
    ("<p>a<br>b</p>", "<p>a<br/>b</p>"),
    ("<p>Tom &amp; Ann</p>", "<p>Tom & Ann</p>"),
    ("<p>caf\u00e9</p>", "<p>caf&eacute;</p>"),
    ("<div><p>x</p></div>", "<div>\n<p>x</p>\n</div>"),
]

DIFFERENT = [
    ("<p>Hello</p>", "<p>Hullo</p>"),
    ("<p>Hello</p>", "<div>Hello</div>"),
    ("<b>a</b> b", "<b>a</b>b"),
    ('<p style="a">x</p>', '<p style="b">x</p>'),
    ("<pre>a  b</pre>", "<pre>a b</pre>"),
    ("<pre>&lt;b&gt;</pre>", "<pre><b></pre>"),
    ("<p>x</p>", "<p>x</p><!--y-->"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_writings_of_one_fragment_are_equal(one: str, other: str) -> None:
    assert canonical_html(one) == canonical_html(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_reader_could_see_is_a_difference(one: str, other: str) -> None:
    assert canonical_html(one) != canonical_html(other)


@example("; </> ;")
@example("<pre/>>>\na<&b")
@example("< <pre/>p<</>b</pre>")
@given(st.text(alphabet="<>/&; abpre!-\"'=\n", max_size=60))
def test_the_canonical_form_of_a_canonical_form_is_itself(text: str) -> None:
    once = canonical_html(text)
    assert canonical_html(once) == once

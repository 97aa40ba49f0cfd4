"""Foreign text in each kind of output: what reads as text stays as it is, and none of it hides or ends what is around."""

import ast
import html
import json
import re
import string
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib.cbook
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from autograd_lite.basics.escaping import (
    LONGEST_LABEL,
    in_file,
    in_html,
    in_label,
    in_latex,
    in_markdown,
    in_message,
    in_plot,
    in_script,
    in_source,
    in_terminal,
    in_tooltip,
    visible,
)

UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}  # controls, formats, nothing yet, private, halves, ends of lines
READABLE = [
    "Größe",
    "Δθ = π·r²",
    "שלום עולם",
    "مرحبا",
    "می‌خواهم",
    "नमस्ते",
    "क्‍ष",
    "日本語　の",
    "cafe\u0301",
    "prix : 3 €",
    "😀",
    "👩‍👩‍👧",
    "❤️",
    "w₁₂⁽³⁾",
]
hostile = st.text(
    st.one_of(
        st.sampled_from("\x00\x1b\x7f\x85\u061c\u200b\u200d\u200e\u2028\u202e\u2066\ufeff\ufffe\ud800\U000e0041\U0010ffff"),
        st.sampled_from("\\NGLnT\"'<>&$%#_^~{}[]()`*|!-+.:/@\n\t\r éЖ😀\u0301"),
        st.characters(exclude_categories=()),
    ),
    max_size=40,
)


@cache
def unicode() -> str:
    """Every character that is printable or in the first plane; of the million others, which no version has yet, some."""
    each = map(chr, range(sys.maxunicode + 1))
    return "".join([c for c in each if c.isprintable() or c < "\U00010000" or ord(c) % 1024 > 1021])


def seen(text: str, besides: str = "") -> bool:
    """Whether each character of a text can be seen, and begins on a place of its own."""
    return all(unicodedata.category(c) not in UNSEEN or c in besides for c in text)


def test_every_character_of_unicode_is_seen_or_written_out() -> None:
    shown = {*in_terminal(unicode())}
    assert seen("".join(shown))
    assert shown >= {c for c in unicode() if c.isprintable()}


def test_an_accent_does_not_sit_on_what_stands_before_a_label() -> None:
    for c in unicode():
        if c.isprintable() and unicodedata.category(c)[0] == "M":
            assert in_terminal(c + "e").isascii()
            assert in_terminal("e" + c) == "e" + c


@pytest.mark.parametrize("text", READABLE)
def test_what_reads_as_text_stays_as_it_is(text: str) -> None:
    assert in_terminal(text) == in_message(text) == in_file(text) == in_html(text) == in_label(text) == text


@given(hostile)
def test_two_invisible_joiners_join_nothing_that_is_not_there(text: str) -> None:
    for joiner in re.finditer("[\u200c\u200d]", in_terminal(text)):
        before, after = in_terminal(text)[joiner.start() - 1], in_terminal(text)[joiner.end()]
        assert not before.isascii()
        assert not after.isascii()


@pytest.mark.parametrize("output", [in_terminal, in_message, in_markdown, in_latex, in_plot, in_tooltip])
@given(hostile)
def test_text_on_one_line_stays_on_it(output: Callable[[str], str], text: str) -> None:
    assert seen(output(text), besides="\u200c\u200d")
    assert len(output(text).splitlines()) <= 1


@pytest.mark.parametrize("output", [in_file, in_html, in_label])
@given(hostile)
def test_where_lines_may_break_only_a_line_end_breaks_them(output: Callable[[str], str], text: str) -> None:
    assert seen(output(text), besides="\u200c\u200d\n")


def test_html_and_xml_hold_all_of_unicode_and_give_it_back() -> None:
    text = unicode()
    wanted, shown = in_file(text), in_html(text)
    assert html.unescape(shown) == wanted
    element = ElementTree.fromstring(f'<a b="{shown}">{shown}</a>'.encode())
    assert element.text == wanted
    assert element.get("b") == wanted.replace("\n", " ")  # as XML has it


class Tags(HTMLParser):
    """Collects what a browser would take for an element."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)

    handle_endtag = handle_decl = handle_pi = handle_comment = unknown_decl = lambda self, tag: self.found.append(tag)


@pytest.mark.parametrize("output", [in_html, in_latex, in_markdown])
@given(hostile)
def test_text_makes_no_element(output: Callable[[str], str], text: str) -> None:
    tags = Tags()
    tags.feed(output(text).replace("\\<", "&lt;"))  # which is how Markdown reads it
    tags.close()
    assert not tags.found


@given(hostile)
def test_javascript_holds_any_text_and_the_script_ends_where_it_ends(text: str) -> None:
    shown = in_script({"name": text})
    assert shown.isascii()
    assert "<" not in shown
    assert json.loads(shown) == {"name": text}


@given(hostile)
def test_markdown_takes_no_character_for_a_mark(text: str) -> None:
    marked = in_markdown(text)
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", marked)
    assert not re.search(r"[\\`*_{}\[\]<>#+!|$~&@-]|www\.|://", bare, re.IGNORECASE)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", marked) == visible(text, lines=True).replace("\n", " ")


LATEX_WORD = r"(?:[^\\{}$#%&_^~<>'\s]|\\[_#%&${} ]|\\backslash |\{(?:\\wedge|\\sim|<|>|')\}|[^\S ])*"


@given(hostile)
def test_latex_takes_any_text_for_a_word(text: str) -> None:
    assert re.fullmatch(LATEX_WORD, in_latex(text))


def test_a_program_that_reads_latex_takes_all_marks_for_a_word() -> None:
    marks = "".join({*string.punctuation} - {*'`"&'})  # these three matplotlib does not know
    MathTextParser("path").parse(rf"$\mathrm{{a{in_latex(marks)} {in_latex(marks[::-1])}}}^2$")


@given(hostile)
def test_a_plot_takes_no_text_for_a_formula(text: str) -> None:
    assert not matplotlib.cbook.is_math_text(in_plot(text))


@given(hostile)
def test_a_name_in_a_source_is_a_name(text: str) -> None:
    name = in_source(text)
    assert not name or ast.unparse(ast.parse(name)) == name


def test_a_long_text_is_shortened_and_says_so() -> None:
    text = "a" * 10_000 + "b" * 10_000
    for output in (in_message, in_label, in_tooltip, in_plot):
        assert re.fullmatch(r"a+… 19,\d\d\d more characters …b+", output(text))
    assert len(in_label("&" * 20_000)) < 8 * LONGEST_LABEL
    assert len(in_source(text)) <= 100
    assert in_terminal(text) == text

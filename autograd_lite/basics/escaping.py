"""Foreign text where it is shown: one function for each kind of output, through which every name, label and path goes.

A label may hold any character. It must not end the line, the box, the element or the string that it stands in, nor turn round
or hide what stands beside it. So each function begins with `visible`: a character that a reader cannot see, or that a program
would obey, is written as Python writes it, `\\x1b` or `\\u202e`. What reads as text in any language stays as it is: accents,
Greek, Hebrew, emoji.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from typing import Any, Final

JOINERS: Final = "\u200c\u200d"  # which Persian and Indian scripts, and the emoji of several people, are spelt with
RIGHT_TO_LEFT: Final = ("R", "AL", "AN")  # the classes of Hebrew letters, of Arabic ones, and of Arabic digits
LINE_END: Final = '<br align="left"/>'  # in a Graphviz label
LONGEST_NAME: Final = 100  # characters of a Python name that is made of a label
LONGEST_MESSAGE: Final = 200  # of a label within a message
LONGEST_LABEL: Final = 300  # of a text in a picture: Graphviz takes 16,384 characters for a whole box, markup included
LATEX: Final = {c: "\\" + c for c in "_#%&${}"} | {
    "\\": r"\backslash ",
    "^": r"{\wedge}",
    "~": r"{\sim}",
    "<": "{<}",  # HTML, in which a page has its formulas, would begin an element here
    ">": "{>}",
    "'": "{'}",  # of two that stand together TeX makes an exponent
    " ": r"\ ",
    "\n": r"\ ",
}


def visible(text: str, lines: bool = False) -> str:
    """Text of which each character is seen; `lines`: line breaks are kept."""
    begins_with_mark = unicodedata.category(text[:1] or " ")[0] == "M"  # an accent, which would sit on what stands before
    if text.isprintable() and not begins_with_mark:
        return text
    shown = [c if c.isprintable() or _is_kept(text, place, lines) else written_out(c) for place, c in enumerate(text)]
    if begins_with_mark:
        shown[0] = written_out(text[0])
    return "".join(shown)


def written_out(character: str) -> str:
    """A character as Python writes it in ASCII."""
    return character.encode("unicode_escape").decode()


def _is_kept(text: str, place: int, lines: bool) -> bool:
    """Whether a character that Python calls unprintable is shown all the same: a space, a joiner, a line break."""
    c = text[place]
    return unicodedata.category(c) == "Zs" or (lines and c == "\n") or (c in JOINERS and _joins(text, place))


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands between two characters of those that it is made to join or part."""
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return len(around) == 2 and around.isprintable() and not any(map(str.isascii, around))


def shortened(text: str, longest: int) -> str:
    """Text of no more than about so many characters: of a longer one its ends, and how much is between them."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}… {len(text) - 2 * half:,} more characters …{text[-half:]}"


def isolated(shown: str) -> str:
    """Text that was made visible, for a place within other text: what runs from right to left is set apart.

    Otherwise what stands around would be turned round with it: of `א − ב` a reader would see the operands in the other order.
    """
    turned = any(unicodedata.bidirectional(c) in RIGHT_TO_LEFT for c in shown)
    return f"\u2068{shown}\u2069" if turned else shown


def from_left(shown: str) -> str:
    """A line that begins on its left, whatever was set apart in it; some programs would turn it round with that."""
    return f"\u200e{shown}" if "\u2068" in shown else shown


def in_terminal(text: str) -> str:
    """Text on one line of a terminal."""
    return visible(text)


def in_message(text: object) -> str:
    """A label, a name or a path in the message of an error, or in a repr."""
    return visible(shortened(str(text), LONGEST_MESSAGE))


def in_file(text: str) -> str:
    """Text as the content of an XML file, whose markup something else sees to."""
    return visible(text, lines=True)


def in_html(text: str) -> str:
    """Text in an HTML page or in an SVG, between tags or in an attribute."""
    return html.escape(in_file(text))


def in_label(text: str, color: str = "") -> str:
    """Text in a Graphviz label of the HTML kind, perhaps in a colour; a newline breaks the line."""
    escaped = in_html(shortened(text, LONGEST_LABEL)).replace("\\", r"\\").replace("\n", LINE_END)  # it reads \N even here
    return f'<font color="{color}">{escaped}</font>' if color and escaped else escaped or " "


def in_tooltip(text: str) -> str:
    """Text in a tooltip of a Graphviz picture, on one line."""
    escaped = in_html(shortened(text, LONGEST_LABEL)).replace("\n", " ")
    return escaped.replace("\\", r"\\\\")  # Graphviz reads it twice


def in_markdown(text: str) -> str:
    """Text on one line of a Markdown page, in which nothing becomes a link, an element or a formula."""
    marked = re.sub(r"([\\`*_{}\[\]<>#+!|$~&@-]|(?<=www)\.|:(?=//))", r"\\\1", visible(text, lines=True), flags=re.IGNORECASE)
    return marked.replace("\n", " ")


def in_latex(text: str) -> str:
    r"""Text within a formula, as the words that a `\mathrm` holds."""
    return "".join(LATEX.get(c, c) for c in visible(text, lines=True))


def in_plot(text: str) -> str:
    """Text in a plot of matplotlib's, which takes what is between two dollars for a formula."""
    return visible(shortened(text, LONGEST_MESSAGE)).replace("$", r"\$")


def in_script(model: Any) -> str:
    """A structure as JavaScript that is safe inside a script element; its texts are the same there."""
    return json.dumps(model).replace("<", "\\u003c")


def in_source(text: str) -> str:
    """A label as a Python name: `w[0][1]` becomes `w_0_1`; empty if there is nothing to make one of."""
    name = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", text))[:LONGEST_NAME].strip("_")
    return name if not name or name.isidentifier() else f"_{name}" if f"_{name}".isidentifier() else ""

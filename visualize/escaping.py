"""Foreign text where it is shown: one function for each kind of output, through which every name and label of a graph goes.

A label may hold any character, and must not end the line, the box, the element or the string that it stands in. What a kind of
output cannot hold, or would obey, is known here and nowhere else.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

import graphviz  # type: ignore[import-untyped]

# The characters that no XML file can hold, shown as Unicode's pictures of them. A line break is no such character.
CONTROLS = {c: chr(0x2400 + c) for c in range(32) if c != ord("\n")} | {127: "␡"}
LINE_END = '<br align="left"/>'  # in a Graphviz label


def in_terminal(text: str) -> str:
    """Text on one line of a terminal: characters that it would obey are written as Python's escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def in_file(text: str) -> str:
    """Text without what no file can hold: control characters as their pictures, half a character as a question mark."""
    return text.translate(CONTROLS).encode(errors="replace").decode()


def in_html(text: str) -> str:
    """Text in an HTML page, between tags or in an attribute."""
    return html.escape(in_file(text))


def in_label(text: str, color: str = "") -> str:
    """Text in a Graphviz label of the HTML kind, perhaps in a colour; a newline breaks the line."""
    escaped = in_html(text).replace("\\", "\\\\")  # Graphviz reads \N even here
    escaped = escaped.replace("\n", LINE_END)
    return f'<font color="{color}">{escaped}</font>' if color and escaped else escaped or " "


def in_tooltip(text: str) -> str:
    """Text in a tooltip of a Graphviz picture, on one line."""
    return str(graphviz.escape(in_html(text.replace("\n", " "))))


def in_markdown(text: str) -> str:
    """Text on one line of a Markdown page."""
    return re.sub(r"([\\`*_{}\[\]<>#+!|$~&-])", r"\\\1", text).replace("\n", " ")


def in_script(model: Any) -> str:
    """A structure as JavaScript that is safe inside a script element, whatever its texts hold."""
    return json.dumps(model).replace("<", "\\u003c")

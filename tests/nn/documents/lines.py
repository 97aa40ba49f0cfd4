"""Takes a printed page apart: its matrices, its equations, and the sentences between them."""

import re
from dataclasses import dataclass

# Matrices: from several lines to one


def linear(page):
    """The page with each matrix of several lines as one sign ⟦n⟧ on the line of the equation, and the cells of each n."""
    lines = [list(line) for line in page.splitlines()]
    width = max(map(len, lines), default=0)
    lines = [line + [" "] * (width - len(line)) for line in lines]
    grids, places = [], []
    for top, line in enumerate(lines):
        for left in [c for c, sign in enumerate(line) if sign == "⎡"]:
            right = line.index("⎤", left)
            bottom = next(r for r in range(top, len(lines)) if lines[r][left] == "⎣")
            cells = ["".join(lines[r][left + 1 : right]).strip() for r in range(top, bottom + 1)]
            grids.append([re.split(r"  +", row) for row in cells])
            places.append((top + (bottom - top) // 2, left, right, top, bottom))
    blank = {r for r, line in enumerate(lines) if not "".join(line).strip()}
    for _, left, right, top, bottom in places:
        for r in range(top, bottom + 1):
            lines[r][left : right + 1] = " " * (right + 1 - left)
    for n, (axis, left, right, *_) in sorted(enumerate(places), key=lambda place: -place[1][1]):
        lines[axis][left : right + 1] = f"⟦{n}⟧"
    texts = ["".join(line).rstrip() for line in lines]
    return [text for r, text in enumerate(texts) if text.strip() or r in blank], grids


# A page


@dataclass
class Equation:
    """The sides of an equation, of which each is a formula; the first is what is being computed, or assigned."""

    sides: list[str]
    assigned: bool = False


def read(lines):
    """Each equation of a page, and all else that it says, as text."""
    current, rows, behind = None, [], []
    for line in (part for whole in lines for part in re.split(r"(?<=\S) {8}(?=[⟦\[])", whole)):
        text, indented = line.strip("│ \n"), line.startswith(" ")
        if not (indented and current):
            yield from [*([current] if current else []), *behind]
            current, behind = None, []
        text, said = (text, "") if SAID_WITH_COMMA.match(text) else text.partition(",  ")[::2]
        if current is None and is_equation(text):
            name, *steps = split(text)
            current = Equation([name, *steps], " ← " in text)
        elif current is None:
            yield from [text] if text else []
        elif row := re.match(r"[=+] (.*?)  = (.*)$", text):
            rows.append([row[1], *split(row[2])])  # a term of a sum, with its numbers
            yield Equation([part.strip() for part in rows[-1]])
        elif left := re.match(r"\+ … [\d,]+ more terms?, together (\S+)$", text):
            rows.append([left[1]])
        else:
            before, *steps = split(text[2:])
            if text.startswith("+ "):
                current.sides[-1] += " + " + before
            else:
                current.sides += [" + ".join(f"({row[-1]})" for row in rows)] if rows else []
                current.sides.append(before)
                rows = []
            current.sides += steps
        for part in re.split(r"since |, (?=since)", said):
            behind += [Equation(split(part))] if is_equation(part) else [part.strip(" ,")] if part.strip(" ,") else []
    yield from [*([current] if current else []), *behind]


SAID_WITH_COMMA = re.compile(r"C[₀-₉]*,  (before|after)")


def is_equation(text):
    return bool(re.match(r"(?!g[₀-₉]*(?:⁽\S+⁾)? =|w ←|∂C/∂w =|h\(e\))(?:(?:Σ\S+ )?[^\s:]+ +[=←] |⟦|\[|[^:]*⟦.* = )", text))


def split(text):
    return [side.strip() for side in re.split(r" (?:=|←) ", text)]

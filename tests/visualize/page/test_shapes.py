"""Pictures of one shape share a layout: what is written in their boxes is put into the SVG of the first of them."""

from autograd_lite import Value, tanh
from visualize.graph.nodes import Graph
from visualize.page.shapes import shape_of, words_of
from visualize.picture.drawing import Drawing
from visualize.picture.rendering import drawn_together
from visualize.picture.themes import THEMES

WIDTH = 72


def picture(y: Value):
    return Drawing(Graph(y), THEMES["light"], limit=100, width=WIDTH).picture()


def test_names_that_differ_in_digits_and_other_numbers_are_of_one_shape_and_other_names_or_operations_are_not() -> None:
    def shape(name: str, number: float, scale: float = 2.0) -> str:
        return shape_of(picture(tanh(Value(number, name) * scale)).source, WIDTH)

    assert shape("w₁₂⁽¹⁾", 0.5) == shape("w₂₀⁽³⁾", -1.234e-100)
    assert shape("w1", 0.5, 2.0) == shape("w2", 0.5, 3.0)
    assert len({shape("w1", 0.5), shape("m1", 0.5), shape("w10", 0.5), shape("w1", 0.5, 22.0)}) == 4
    assert shape_of(picture(Value(1.0, "a") * 2.0).source, WIDTH) != shape_of(picture(Value(1.0, "a") + 2.0).source, WIDTH)


def test_the_words_of_a_picture_are_those_of_its_svg_whatever_the_names(parts) -> None:
    names = ["w₁⁽²⁾", "a < b & c", '"]; \\N', "two\nlines", "😀", "שלום", " spaced  out ", "x" * 400, "<b>"]
    y = tanh(sum((Value(1.0, name) * 0.5 for name in names), start=Value(0.0, "zero"))) ** 0.3
    drawing = picture(y)
    words = words_of(drawing.source)
    for group in parts(drawn_together([drawing])[0], "node"):
        texts = [text.text.replace("\xa0", " ").strip() for text in group.iter("{http://www.w3.org/2000/svg}text")]
        assert words[group.get("id")] == [text for text in texts if text]

"""Cutting statements into sections: what they are together, how long each is, which names they need; and what they compute."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Value, compile
from autograd_lite.compiler.python import functions, source
from autograd_lite.compiler.python.statements import Statements
from autograd_lite.strategies import functions as random_functions


@given(st.lists(st.integers(0, 7).map(lambda length: length * "x"), max_size=12))
def test_sections_are_the_lines_again_each_ended_by_the_line_that_makes_it_too_long(lines):
    with patch.object(functions, "SECTION", 10):
        sections = functions.sections_of(Statements(lines, range(len(lines))))
    assert [line for section in sections for line in section.lines] == lines
    assert [slot for section in sections for slot in section.slots] == [*range(len(lines))]
    assert all(len("".join(section.lines[:-1])) <= 10 for section in sections)
    assert all(len("".join(section.lines)) > 10 for section in sections[:-1])


def test_names_are_read_if_they_are_not_assigned_before():
    reads, assigned = functions.names_in(["a = b + sin(c)", "d += a * e", "x, y_2, = d", "rows.append(é)", "b = 1.5 * x1"])
    assert [*reads] == ["b", "sin", "c", "d", "e", "rows", "append", "é", "x1"]
    assert [*assigned] == ["a", "d", "x", "y_2", "b"]


def test_a_section_hands_on_what_a_later_one_reads_and_the_sums_that_it_goes_on_with():
    sections = [Statements(lines) for lines in (["a = x", "b = x"], ["total += a", "c = total"], ["d = a + c"])]
    assert functions.links_between(sections) == [(["x"], ["a"]), (["total", "a"], ["total", "c"]), (["a", "c"], [])]


@settings(max_examples=50)
@given(f=random_functions(3), length=st.integers(0, 200), samples=st.sampled_from([None, 1, 2, 3]))
def test_a_source_cut_into_functions_computes_the_same_bits(cut, f, length, samples):
    count = len(f.point)
    axes = None if samples is None else [0, *[None] * (count - 1)]
    point = f.point if samples is None else [[f.point[0]] * samples, *f.point[1:]]
    whole, pieces = (compile(f, range(count), in_axes=axes, backend="python") for _ in range(2))
    with cut(length):
        parts = pieces.value_and_grad(*point)
    assert repr(parts) == repr(whole.value_and_grad(*point))


def test_a_source_is_cut_if_its_statements_and_results_are_too_many(monkeypatch):
    for most, parts in ((5, 1), (4, 3)):  # two statements, three results
        monkeypatch.setattr(source, "LONG", most)
        f = compile(lambda x: [ag.sin(x), ag.cos(x), x], backend="python")
        assert f(0.0) == [0.0, 1.0, 0.0]
        assert f.source.count("def ") == parts


def test_a_function_of_many_instructions_is_cut_into_functions_of_bounded_length():
    f = compile(lambda x: ag.sum([ag.sin(x * n) for n in range(10_001)]), backend="python")
    assert f(0.0) == 0.0
    assert f.source.count("def ") > 10
    assert max(map(len, f.source.split("def "))) < 100_000


def test_a_list_of_more_than_10000_numbers_is_written_a_thousand_at_a_time():
    c = [Value(1.0) for _ in range(10_001)]
    f = compile(lambda x: ag.sum([x * n for n in range(5000)]) + ag.sum(c) + ag.dot(c, c) - ag.sum(c[1:]), backend="python")
    assert f(1.0) == 4999 * 2500 + 10_002
    assert [line.count(",") + 1 for line in f.source.splitlines() if " += [" in line] == [1000] * 10 + [1]
    whole = compile(lambda x: ag.sum(x) * ag.prod(x), backend="python")
    assert whole([1.0] * 10_001) == 10_001.0
    assert len(whole.source) < 200  # an argument is a list already

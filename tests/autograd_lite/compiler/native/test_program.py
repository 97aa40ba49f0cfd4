"""Calls, batches and threads: how samples are shared out, and when Python is asked."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd_lite as ag
from autograd_lite import compile

numpy = pytest.importorskip("numpy")
pytest.importorskip("numba")
from autograd_lite.compiler.native import program  # noqa: E402


def test_batches_are_cut_into_blocks_of_one_size_and_sizes_that_nearly_fit_share_a_program():
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend="native")
    f(2.0, [1.0])
    made = f.latest.program
    blocks = {samples: made.code(samples).block for samples in (1, 256, 257, 300, 512, 513, 10, 12, 8, 5, 4, 3)}
    assert blocks == {1: 1, 256: 256, 257: 256, 300: 256, 512: 256, 513: 256, 10: 10, 12: 12, 8: 10, 5: 10, 4: 4, 3: 4}
    assert made.code(10) is made.code(8) is made.code(5)
    assert made.code(12) is not made.code(10)
    again = compile(lambda w, x: w * x, in_axes=(None, 0), backend="native")
    again(2.0, [1.0] * 257)
    assert again.latest.program.code(257).block == 129
    assert again.latest.program.code(600).block == 200
    assert again.latest.program.code(65).block == 129
    assert again.latest.program.code(64).block == 64


def test_python_is_asked_from_the_first_block_that_was_refused(monkeypatch):
    f = compile(lambda w, x: w / x, in_axes=(None, 0), backend="native", threads=2)
    asked = []
    monkeypatch.setattr(program.NativeProgram, "ask_python", lambda self, arguments, first: asked.append(first))
    for zeros in ([], [0], [0, 1399], [699], [700], [1399], [234, 500, 800]):
        f(1.0, [float(sample not in zeros) for sample in range(1400)])
    assert asked == [0, 0, 468, 468, 1170, 234]  # a thread has three blocks of 234 samples, or what is left


def test_what_a_sample_gives_is_the_same_for_any_number_of_threads():
    w, x = numpy.linspace(-1, 1, 40).reshape(5, 8), numpy.random.default_rng(0).normal(size=(3000, 8))

    def f(w, x):
        return [ag.tanh(ag.dot(row, x)) for row in w]

    one, *others = [
        compile(f, in_axes=(None, 0), backend="native", threads=threads).per_sample(w, x) for threads in (1, 2, 3, 7)
    ]
    assert all(other == one for other in others)


@pytest.mark.parametrize(
    ("threads", "samples", "parts"),
    [(1, 9, [9]), (2, 1, [1]), (2, 2, [1, 1]), (2, 9, [4, 5]), (3, 9, [3, 3, 3]), (4, 3, [1] * 3)],
)
def test_threads_share_the_samples_of_a_batch_evenly(threads, samples, parts, monkeypatch):
    f = compile(lambda w, x: w * x, in_axes=(None, 0), backend="native", threads=threads)
    seen = []

    def watched(code, batched, unbatched, total, start):
        seen.append((start, len(batched[0]), total))
        return run_part(code, batched, unbatched, total, start)

    run_part = program.run_part
    monkeypatch.setattr(program, "run_part", watched)
    assert f(2.0, [1.0] * samples) == pytest.approx(2.0)
    assert sorted(seen) == [(sum(parts[:k]), part, samples) for k, part in enumerate(parts)]


def test_many_threads_may_call_one_function_at_once():
    f = compile(lambda x: ag.sum([ag.sin(v) for v in x]), backend="native")
    g = compile(lambda w, x: ag.dot(w, x), in_axes=(None, 0), backend="native")
    vectors = numpy.random.default_rng(0).normal(size=(64, 200))

    def both(x):
        return [f(x), *f.grad(x), g(x, numpy.ones((20, 200)))]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(both, vectors))
    assert together == [both(x) for x in vectors]

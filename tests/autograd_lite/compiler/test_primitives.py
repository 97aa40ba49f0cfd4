"""Operations of a user's own, compiled."""

import pytest

import autograd_lite as ag
from autograd_lite import compile
from autograd_lite.errors import DomainError

pytest.importorskip("numba")
backends = pytest.mark.parametrize("backend", ["python", "native"])


def test_custom_primitives():
    @ag.primitive(derivatives=[lambda out, x: 3 * x * x])
    def cube(x):
        if x > 100:
            raise ValueError("too large")
        return x**3

    for backend in ("python", "native"):
        f = compile(lambda x: cube(x) + x, backend=backend)
        assert f.value_and_grad(2.0) == (10.0, 13.0)
        with pytest.raises(DomainError, match="too large"):
            f(200.0)


@backends
def test_a_custom_primitive_may_refuse_several_samples_of_a_batch(backend):
    @ag.primitive(derivatives=[lambda out, x: 1.0])
    def small(x):
        if x > 100:
            raise ValueError("too large")
        return x

    @ag.primitive(variadic=True, derivatives=[lambda out, xs: [1.0] * len(xs)])
    def small_sum(xs):
        if xs[0] > 100:
            raise ValueError("too large")
        return xs[0] + xs[1]

    for f in (small, lambda x: small_sum([x, x])):
        compiled = compile(f, in_axes=(0,), backend=backend)
        assert compiled.grad([1.0, 2.0]) == pytest.approx([0.5 * (1 + (f is not small))] * 2)
        for xs in ([200.0, 300.0], [1.0] * 699 + [200.0], [200.0] * 5 + [1.0] * 600):
            with pytest.raises(DomainError, match="too large"):
                compiled(xs)


@backends
def test_a_custom_primitive_of_many_operands_may_have_none(backend):
    @ag.primitive(variadic=True, derivatives=[lambda out, xs, y: [1.0] * len(xs), lambda out, xs, y: 1.0])
    def added(xs, y):
        for x in xs:
            y = y + x
        return y

    for count in range(3):
        f = compile(lambda x, count=count: added([x] * count, x), in_axes=(0,), backend=backend)
        assert f([1.0, 2.0]) == 1.5 * (count + 1)


def test_a_custom_primitive_that_numba_cannot_take_is_an_error_that_says_so():
    table = {0: 1.0}

    @ag.primitive(derivatives=[lambda out, x: 0 * x])
    def looked_up(x):
        return table.get(round(x), str(x))

    with pytest.raises(TypeError, match=r"native backend cannot compile the primitive 'looked_up'.*backend='python'"):
        compile(lambda x: looked_up(x), backend="native")(0.0)

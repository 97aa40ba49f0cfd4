"""Whatever holds numbers in rows is taken as data, and what does not is refused with a way out."""

import numpy as np
import pytest

from nn import MLP, Adam, Standardizer, fit, outputs

ROWS = [[0.5, 1.0], [1.5, -2.0], [0.25, 3.0], [2.0, 0.0]]
LABELS = [0, 1, 1, 0]


def trained(inputs, targets=LABELS, loss="cross_entropy", size=2, validation=None):
    model = MLP(2, [4, size], activation="tanh", seed=0)
    optimizer = Adam(model.parameters())
    fit(model, inputs, targets, loss=loss, optimizer=optimizer, epochs=2, seed=0, validation=validation, progress=False)
    return model.state_dict()


class Tensor:
    """What offers nothing but `__dlpack__`."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **settings):
        return self.array.__dlpack__(**settings)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def as_pandas(array):
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(array, columns=["a", "b"]) if array.ndim > 1 else pandas.Series(array, name="class")


def as_polars(array):
    polars = pytest.importorskip("polars")
    return polars.DataFrame(array, schema=["a", "b"]) if array.ndim > 1 else polars.Series("class", array)


def as_torch(array):
    return pytest.importorskip("torch").tensor(array)


def as_tuples(array):
    return tuple(map(tuple, array.tolist())) if array.ndim > 1 else tuple(array.tolist())


KINDS = [as_pandas, as_polars, as_torch, as_tuples, np.asarray, np.asfortranarray, Tensor, list, iter]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_is_taken_as_lists_are(kind):
    assert trained(kind(np.array(ROWS)), kind(np.array(LABELS))) == trained(ROWS, LABELS)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8", "uint8", "int64", "bool"])
def test_numbers_of_every_type_are_those_numbers(dtype):
    rows = np.array([[0, 1], [1, 1], [0, 0], [1, 0]], dtype)
    assert trained(rows) == trained(rows.astype(float))
    assert trained(rows[::-1, ::-1]) == trained(rows[::-1, ::-1].astype(float))


@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "hinge"])
def test_a_column_of_targets_is_taken_like_a_list_of_them(loss):
    targets = np.array(LABELS) * 2 - 1 if loss == "hinge" else np.array(LABELS)
    size = 2 if loss == "cross_entropy" else 1
    assert trained(ROWS, targets.reshape(-1, 1), loss, size) == trained(ROWS, targets, loss, size)


def test_a_number_that_is_not_finite_is_named_with_its_column():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1.0, 2.0, 3.0, 4.0], "height": [1.0, np.nan, 2.0, 3.0]})
    with pytest.raises(ValueError, match=r"input 1, feature 1 \('height'\), is nan: expected a finite number"):
        trained(frame)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (
            ["x", "y", "x", "y"],
            r"the inputs, column 'city', row 0, is 'x' \(str\): expected a number:.*word\), or leave it out \(drop\)",
        ),
        ([1, None, 2, 3], r"the inputs, column 'city', row 1, is None \(NoneType\): expected a.*or fill them \(fillna\)"),
    ],
)
def test_a_column_that_is_no_numbers_is_named_with_a_way_out(column, message):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1, 2, 3, 4], "city": pandas.array(column, dtype=object)})
    with pytest.raises(TypeError, match=message):
        trained(frame)


def test_the_columns_of_other_types_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": pandas.array([1, 2, 3, 4], "Int64"), "b": pandas.Categorical(list("xyxy"))})
    with pytest.raises(
        TypeError,
        match=r"the inputs, column 'b', row 0, is 'x' \(str\): expected a number: make.*word\), or leave it out \(drop\)",
    ):
        trained(frame)
    frame["b"] = [True, False, True, True]
    assert trained(frame) == trained([[1, 1], [2, 0], [3, 1], [4, 1]])
    frame["b"] = pandas.date_range("2020-01-01", periods=4)
    with pytest.raises(TypeError, match="the inputs, column 'b', must be numbers, got a series of the type datetime64"):
        trained(frame)


def test_columns_have_names_only_where_all_labels_are_strings():
    pandas = pytest.importorskip("pandas")
    named, numbered, mixed = (pandas.DataFrame(ROWS, columns=labels) for labels in (["a", "b"], [0, 1], ["b", 1]))
    for inputs, others in ((named, numbered), (numbered, named), (named, mixed), (mixed, named)):
        assert trained(inputs, validation=(others, LABELS)) == trained(ROWS)
        assert trained(ROWS, inputs, "mse", validation=(ROWS, others)) == trained(ROWS, ROWS, "mse")
        assert (Standardizer(inputs)(others) == Standardizer(ROWS)(ROWS)).all()
    price, cost = (pandas.DataFrame({name: LABELS}) for name in ("price", "cost"))
    assert trained(ROWS, price, "mse", 1, (ROWS, cost)) == trained(ROWS, LABELS, "mse", 1)  # one target has no order


def test_what_hides_numbers_or_has_no_rows_is_refused():
    scipy = pytest.importorskip("scipy.sparse")
    masked = np.ma.array(ROWS, mask=[[0, 1], [0, 0], [0, 0], [0, 0]])
    for given, message in (
        (masked, "the inputs must be numbers of which none is hidden, got a masked.*or leave their rows out"),
        ([*masked], "a row of the inputs must be numbers of which none is hidden, got a masked array"),
        (scipy.csr_matrix(ROWS), r"the inputs must be dense, got a sparse csr_matrix: pass items\.toarray\(\)"),
        (np.array([["1", "2"]] * 4), r"the inputs must be real numbers, got an array of the type <U1: .astype"),
        (np.array(ROWS) * 1j, "array of the type complex128"),
        (np.float64(3.0), r"the inputs must be a sequence|the inputs must be an array with one row for each sample"),
        ("text", r"the inputs must be a sequence, one for each sample, got 'text' \(str\)"),
        ({"a": [1, 2]}, r"the inputs must be a sequence, one for each sample, got {'a': \[1, 2\]} \(dict\)"),
        (np.array([1.0, 2.0, 3.0, 4.0]), r"the inputs are single numbers.*numpy\.reshape\(inputs, \(-1, 1\)\)"),
        (np.zeros((4, 2, 3)), r"the inputs are tables, of 2 rows each.*numpy\.reshape\(inputs, \(len\(inputs\), -1\)\)"),
    ):
        with pytest.raises(TypeError, match=message):
            trained(given)


def test_a_tensor_that_requires_a_gradient_is_not_detached_in_silence():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(ROWS, requires_grad=True)
    for given in (tensor, [*tensor]):
        with pytest.raises(TypeError, match=r"requires a gradient, which would end here: pass tensor\.detach\(\)"):
            trained(given)
    assert trained(tensor.detach().double()) == trained(ROWS)


def test_what_an_object_shows_as_an_array_hides_nothing(shown):
    assert trained(shown(np.array(ROWS))) == trained(shown(np.array(ROWS, object))) == trained(ROWS)
    with pytest.raises(TypeError, match="none is hidden, got a masked array"):
        trained(shown(np.ma.masked_greater(ROWS, 1)))


@pytest.mark.filterwarnings("error")
def test_single_numbers_of_libraries_in_lists_are_compiled_like_pythons():
    assert trained([[*map(np.float64, row)] for row in ROWS], [*map(np.int64, LABELS)]) == trained(ROWS)
    torch = pytest.importorskip("torch")
    assert trained([[torch.tensor(number) for number in row] for row in ROWS]) == trained(ROWS)
    with pytest.raises(TypeError, match=r"a number of the inputs must be plain numbers, got a tensor that requires a gradient"):
        trained([[torch.tensor(number, requires_grad=True) for number in row] for row in ROWS])


def test_arrays_of_arrow_are_taken_though_they_are_not_shared():
    arrow = pytest.importorskip("pyarrow")
    assert trained(ROWS, arrow.array([bool(label) for label in LABELS])) == trained(ROWS)
    with pytest.raises(TypeError, match=r"row 1, is None \(NoneType\): expected a number: leave such rows out"):
        trained(ROWS, arrow.array([True, None, True, True]))


def test_a_type_that_numpy_has_only_from_elsewhere_says_how_to_make_it_its_own():
    types = pytest.importorskip("ml_dtypes")
    with pytest.raises(TypeError, match=r"array of the type bfloat16: \.astype\('float32'\) makes them floats"):
        trained(np.array(ROWS, types.bfloat16))


def test_numbers_that_no_float_holds_are_kept_as_given():
    many = [[2**60 + 1, 0.5], [1, 0.25]]
    model = MLP(2, [1], init=lambda *_: 1)
    assert outputs(model, many, backend="eager").tolist() == [[2.0**60 + 1.5], [1.25]]


@pytest.mark.parametrize("backend", ["eager", "python", "native"])
@pytest.mark.parametrize("kind", ["int8", "bool", "float16", "float32", "longdouble"])
def test_lists_of_any_library_numbers_are_those_of_pythons(kind, backend):
    if backend == "native":
        pytest.importorskip("numba")
    array = np.array([[0, 1], [1, 1]]).astype(kind)
    weights = []
    for inputs in ([[0.0, 1.0], [1.0, 1.0]], array, [[*row] for row in array], [[np.array(n) for n in row] for row in array]):
        model = MLP(2, [1], init=lambda *_: 1.0)
        fit(model, inputs, [0.5, 1.0], backend=backend, progress=False, shuffle=False)
        weights.append([p.data for p in model.parameters()])
    assert weights[1:] == weights[:1] * 3
    assert {type(weight) for some in weights for weight in some} == {float}


def test_a_longdouble_that_is_no_float_is_refused_with_a_way_out():
    between = np.longdouble(1) + np.longdouble(2) ** -60
    if between == 1:
        pytest.skip("a longdouble of this machine has no more digits than a float")
    for inputs in ([[between, 0.0]], np.array([[between, 0.0]])):
        with pytest.raises(TypeError, match=r"the inputs must be one that a float holds.*\.astype\(float\), rounds it"):
            trained(inputs, [0])

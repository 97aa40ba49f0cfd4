"""`python -m nn show`: shapes and a few weights, or all of them."""

import pytest

import autograd_lite
import nn
from nn.commands import main


@pytest.fixture
def saved(tmp_path):
    """A function that saves a model and says where."""

    def save(model):
        nn.save(model, tmp_path / "model.json")
        return str(tmp_path / "model.json")

    return save


def test_a_few_weights_of_each_layer_with_its_shape(saved, capsys):
    assert main(["show", saved(nn.MLP(8, [9, 1], init=lambda *_: 1 / 3, bias=False))]) == 0
    neuron = "weights 0.3333 0.3333 0.3333 0.3333 0.3333 0.3333"
    assert capsys.readouterr().out.splitlines() == [
        "MLP of 81 parameters",
        "layer 1: 8 inputs, 9 neurons, relu, no bias; weight 9 × 8",
        *[f"  neuron {j}: {neuron} … 2 more" for j in range(6)],
        "  … 3 neurons more: --full prints all",
        "layer 2: 9 inputs, 1 neuron, identity, no bias; weight 1 × 9",
        f"  neuron 0: {neuron} … 3 more",
    ]


def test_the_precision_can_be_chosen_and_full_is_the_text_that_is_read_back(saved, capsys):
    model = nn.MLP(2, [1], init=lambda *_: 2 / 3)
    assert main(["show", saved(model), "--precision", "2"]) == 0
    assert "weights 0.67 0.67; bias 0" in capsys.readouterr().out
    assert main(["show", saved(model), "--full", "--precision", "6"]) == 0
    assert "weights 0.666667 0.666667; bias 0" in capsys.readouterr().out
    assert main(["show", saved(model), "--full"]) == 0
    assert nn.from_text(capsys.readouterr().out).state_dict() == model.state_dict()


def test_parts_that_are_no_layers_are_shown_in_their_place(saved, capsys):
    model = nn.Sequential(nn.Sequential(nn.Layer(2, 1)), nn.Dropout(0.2), nn.Layer(1, 1))
    assert main(["show", saved(model)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["Sequential", "layer", "Dropout(0.2)", "layer"]


@pytest.mark.parametrize("command", [[], ["train"], ["train", "moons"], ["train", "table"], ["explain"], ["show"]])
def test_help_everywhere(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m nn")


@pytest.mark.parametrize("command", [[], ["train"], ["train", "moons"], ["train", "table"], ["explain"], ["show"]])
def test_the_version_is_told_everywhere(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"autograd_lite {autograd_lite.__version__}\n"

"""Learning-rate schedules against PyTorch's, and against their formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import MLP, ReduceLROnPlateau, cosine, fit, step_decay, warm_up

SCHEDULES = [
    (step_decay(3, 0.5), lambda torch, o: torch.StepLR(o, 3, 0.5)),
    (cosine(0.1), lambda torch, o: torch.CosineAnnealingLR(o, 20, eta_min=0.1)),
    (warm_up(5, 0.25), lambda torch, o: torch.LinearLR(o, 0.25, 1.0, 5)),
    (
        warm_up(5, 0.25, then=cosine()),
        lambda torch, o: torch.SequentialLR(o, [torch.LinearLR(o, 0.25, 1.0, 5), torch.CosineAnnealingLR(o, 15)], [5]),
    ),
]


@pytest.mark.parametrize(("own", "theirs"), SCHEDULES)
def test_schedules_agree_with_pytorch(own, theirs):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = theirs(torch.optim.lr_scheduler, optimizer)
    for epoch in range(20):
        assert own(epoch, 20) == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
        optimizer.step()
        schedule.step()


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0, 1))
def test_schedules_begin_and_end_where_they_say(length, rest, final):
    epochs = length + rest
    assert cosine(final)(0, epochs) == pytest.approx(1.0)
    assert cosine(final)(epochs, epochs) == pytest.approx(final)
    schedule = warm_up(length, start=final, then=cosine())
    assert schedule(0, epochs) == final
    assert schedule(length, epochs) == pytest.approx(1.0)
    assert schedule(epochs, epochs) == pytest.approx(0.0)
    assert warm_up(length)(epochs, epochs) == 1.0
    assert step_decay(length, 0.5)(2 * length, epochs) == 0.25


def test_schedules_out_of_range():
    with pytest.raises(ValueError, match="every must be at least 1 and below inf, got 0"):
        step_decay(0)
    with pytest.raises(ValueError, match="length must be at least 1 and below inf, got 0"):
        warm_up(0)
    for make, name in (
        (lambda: step_decay(3, factor=-0.5), "factor"),
        (lambda: cosine(-0.5), "final"),
        (lambda: warm_up(3, start=-0.5), "start"),
    ):
        with pytest.raises(ValueError, match=f"{name} must be at least 0 and below inf, got -0.5"):
            make()


@given(
    st.lists(st.sampled_from([0.25, 0.5, 0.501, 0.6, 1.0, 2.0]), max_size=25),
    st.sampled_from([0.1, 0.5]),
    st.integers(0, 3),
    st.sampled_from(["rel", "abs"]),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.02]),
)
def test_on_a_plateau_the_rate_falls_as_in_pytorch(losses, factor, patience, mode, cooldown, min_lr):
    torch = pytest.importorskip("torch")
    ours = ReduceLROnPlateau(factor, patience, 0.01, mode, cooldown, min_lr)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.125)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, threshold=0.01, threshold_mode=mode, cooldown=cooldown, min_lr=min_lr
    )
    for epoch, loss in enumerate(losses, 1):
        theirs.step(loss)
        assert 0.125 * ours.factor_after(losses[:epoch], 0.125) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)


def test_a_plateau_is_seen_in_the_validation_loss_where_there_is_one():
    inputs, targets = [[1.0], [2.0]], [1.0, 0.0]
    schedule = ReduceLROnPlateau(factor=0.0, patience=0, threshold=0.999)  # no loss is better than the first

    def weights(**settings):
        model = MLP(1, [1], seed=0)
        fit(model, inputs, targets, epochs=4, seed=0, progress=False, schedule=schedule, **settings)
        return model.state_dict()

    one = MLP(1, [1], seed=0)
    fit(one, inputs, targets, epochs=2, seed=0, progress=False)
    assert weights() == weights(validation=(inputs, targets)) == one.state_dict()


WRONG = [{"factor": 1.0}, {"patience": -1}, {"threshold": -1.0}, {"threshold_mode": "x"}, {"cooldown": 0.5}, {"min_lr": -1.0}]


@pytest.mark.parametrize("settings", WRONG)
def test_a_plateau_refuses_a_setting_out_of_its_range(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        ReduceLROnPlateau(**settings)

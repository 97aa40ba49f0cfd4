"""What lies on the workers of a cluster: that it is put there again, and goes to each once."""

from types import SimpleNamespace

import numpy as np
import pytest
from distributed.comm import CommClosedError

from autograd_lite import parcels
from autograd_lite.parcels import VersionsDifferError
from nn.cluster.crew import Crew
from nn.cluster.shares import Shares
from nn.cluster.work import Share, facts_of

X, Y = np.ones((9, 2)), np.ones(9)


def test_a_parcel_without_its_content_can_be_used_where_it_was_opened():
    parcel = parcels.pack([1, 2])
    with pytest.raises(LookupError, match=f"has not opened the parcel {parcel.token[:8]}"):
        parcels.opened(parcel.without_content(), sum_of)
    assert [parcels.opened(each, sum_of) for each in (parcel, parcel.without_content())] == [3, 3]


def sum_of(parcel):
    return sum(parcel.open())


def test_a_worker_that_comes_back_gets_its_part_of_the_shares(client, monkeypatch):
    crew, (first, second), moves = Crew(client), sorted(client.nthreads()), []
    shares = Shares(crew, lambda number: client.submit(Share, X[:3], Y[:3], number, workers=[first], pure=False), 4)
    monkeypatch.setattr("nn.cluster.shares.copy_on", lambda client, future, place: moves.append(place) or future)
    shares.spread()
    assert moves == [second, second]
    monkeypatch.undo()
    shares.spread()
    assert [facts.samples for facts in shares.work(facts_of, [()] * 4)] == [3] * 4


def test_a_worker_that_is_lost_while_shares_are_put_there_is_no_error(client):
    moments = iter([CommClosedError("gone")])

    def put(number):
        for error in moments:
            raise error
        return client.submit(Share, X[:3], Y[:3], number, pure=False)

    assert Shares(Crew(client), put, 2).sizes == [3, 3]


def test_a_worker_that_is_lost_while_versions_are_compared_is_no_error():
    def answering(**answers):
        return SimpleNamespace(client=SimpleNamespace(run=lambda work, on_error: answers))

    parcel = parcels.pack(1)
    Crew.check_versions(answering(one=None, other=CommClosedError("gone")), parcel)
    with pytest.raises(VersionsDifferError, match="other versions"):
        Crew.check_versions(answering(one=CommClosedError("gone"), other=VersionsDifferError("other versions")), parcel)

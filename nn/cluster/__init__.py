"""Training on many workers: a backend whose steps are taken by the workers of a Dask cluster.

    work: what a worker does with its share of the samples; a pure function of the share and of what it is given.
    shares: the samples, cut into shares that lie on the workers.
    crew: gets work done by workers that may be lost, and says when the cluster is gone.
    backend: goes from round to round, and averages what came of each.
    setting: what `fit` was asked for.

It is imported when `fit` is given a cluster.
"""

from nn.cluster.crew import ClusterLostError
from nn.cluster.setting import Setting

__all__ = ["ClusterLostError", "Setting"]

"""Compiled functions on Dask arrays: each chunk is computed where it lies, and what comes back is as small as a result.

    chunks: the arguments of a call, cut alike.
    work: what travels to a worker, and what the worker does.
    answer: the graph of a call, and the answer made of what it gives.

Dask is imported when an argument is one of its collections: whoever has none does without it.
"""

from autograd_lite.compiler.cluster.chunks import is_on_chunks

__all__ = ["is_on_chunks"]

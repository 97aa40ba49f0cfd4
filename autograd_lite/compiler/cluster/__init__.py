"""Compiled functions on Dask arrays: each chunk is computed where it lies, and what comes back is as small as a result.

    work: what travels to a worker, and what the worker does.
    resident: a quicker way where the chunks lie on workers already.
    answer: the graph of a call, and the answer made of what it gives.

It is imported when an argument is one of Dask's collections: whoever has none does without it.
"""

"""The real engines that runs are made on: workers of loky, of Dask, of ipyparallel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def loky_workers() -> Iterator[Any]:
    import loky

    with loky.ProcessPoolExecutor(max_workers=2) as executor:
        yield executor


@contextmanager
def dask_client(workers: int, threads: int) -> Iterator[Any]:
    from distributed import Client

    with Client(
        n_workers=workers,
        threads_per_worker=threads,
        # None is not "no dashboard" but port 8787, of which only one scheduler can be had.
        dashboard_address=":0",
        set_as_default=False,
    ) as client:
        yield client


@contextmanager
def ipyparallel_client() -> Iterator[Any]:
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=40) as client:
        yield client

"""Settings of further libraries, each read where it is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seedmagic.imports import loaded
from seedmagic.private_names import find
from seedmagic.verify.cell.settings.setting import (
    ProcessSetting,
    copied,
    of_calls,
    put_into,
    quietly,
)


def _put_mpmath(mpmath: Any, saved: tuple[int, bool]) -> None:
    mpmath.mp.prec, mpmath.mp.pretty = saved


def _put_xarray(xarray: Any, saved: dict[str, Any]) -> None:
    now = xarray.get_options()
    xarray.set_options(**{name: value for name, value in saved.items() if now[name] is not value})


def _put_polars(polars: Any, saved: str) -> None:
    polars.Config.restore_defaults()
    polars.Config.load(saved)


def _networkx(networkx: Any) -> dict[str, Any]:
    """Read the configuration, and that of its parts."""
    return {
        name: dict(value) if isinstance(value, Mapping) else copied(value)
        for name, value in networkx.config.items()
    }


def _put_networkx(networkx: Any, saved: dict[str, Any]) -> None:
    for name, value in saved.items():
        held = networkx.config[name]
        if isinstance(held, Mapping):
            for part, item in value.items():
                held[part] = item  # type: ignore[index]
        else:
            networkx.config[name] = value


_KERAS_STATE = "keras.src.backend.common.global_state"
_KERAS = ("floatx", "epsilon", "image_data_format")


def _keras(config: Any) -> dict[str, Any]:
    # To ask Keras for its policy settles one.
    state = find(loaded(_KERAS_STATE), "GLOBAL_STATE_TRACKER", "Keras' policy of dtypes")
    policy = getattr(state, "dtype_policy", None)
    return {**{name: getattr(config, name)() for name in _KERAS}, "dtype_policy": policy}


def _put_keras(config: Any, saved: dict[str, Any]) -> None:
    for name in _KERAS:
        getattr(config, f"set_{name}")(saved[name])
    loaded(_KERAS_STATE).set_global_attribute("dtype_policy", saved["dtype_policy"])


def _put_jax(jax: Any, saved: dict[str, Any]) -> None:
    for name, value in jax.config.values.items():
        if name in saved and saved[name] is not value:
            jax.config.update(name, saved[name])


LIBRARIES = (
    ProcessSetting(
        "scikit-learn's configuration",
        "sklearn",
        lambda sklearn: sklearn.get_config(),
        lambda sklearn, saved: sklearn.set_config(**saved),
    ),
    ProcessSetting(
        "mpmath's precision",
        "mpmath",
        lambda mpmath: (mpmath.mp.prec, mpmath.mp.pretty),
        _put_mpmath,
    ),
    ProcessSetting("NetworkX's configuration", "networkx", _networkx, _put_networkx),
    ProcessSetting(
        "Dask's configuration",
        "dask.config",
        lambda config: copied(config.config),
        lambda config, saved: put_into(config.config, copied(saved)),
    ),
    of_calls("pyarrow's number of threads", "pyarrow", "cpu_count", "set_cpu_count"),
    of_calls(
        "pyarrow's number of I/O threads",
        "pyarrow",
        "io_thread_count",
        "set_io_thread_count",
    ),
    ProcessSetting(
        "xarray's options",
        "xarray",
        lambda xarray: dict(xarray.get_options()),
        quietly(_put_xarray),
    ),
    ProcessSetting(
        "polars' configuration", "polars", lambda polars: polars.Config.save(), quietly(_put_polars)
    ),
    ProcessSetting("Keras' configuration", "keras.config", _keras, _put_keras),
    ProcessSetting("JAX's configuration", "jax", lambda jax: dict(jax.config.values), _put_jax),
    of_calls("OpenCV's number of threads", "cv2", "getNumThreads", "setNumThreads"),
    of_calls("whether OpenCV is optimized", "cv2", "useOptimized", "setUseOptimized"),
)

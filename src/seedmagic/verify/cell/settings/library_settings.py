"""Settings of further libraries, each read where it is loaded."""

from __future__ import annotations

from typing import Any

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


_KERAS = ("floatx", "epsilon", "image_data_format")


def _keras(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name)() for name in _KERAS}


def _put_keras(config: Any, saved: dict[str, Any]) -> None:
    for name, value in saved.items():
        getattr(config, f"set_{name}")(value)


def _of_objects_own(name: str, module: str, attribute: str) -> ProcessSetting:
    """Give the settings that an object of a module keeps as its attributes."""
    return ProcessSetting(
        name,
        module,
        lambda owner: copied(vars(getattr(owner, attribute))),
        lambda owner, saved: put_into(vars(getattr(owner, attribute)), saved),
    )


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
    _of_objects_own("NetworkX's configuration", "networkx", "config"),
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
    of_calls("OpenCV's number of threads", "cv2", "getNumThreads", "setNumThreads"),
    of_calls("whether OpenCV is optimized", "cv2", "useOptimized", "setUseOptimized"),
)

"""Event files for TensorBoard: a run for each seed, and the mean with its interval."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedmagic.runs.run_statistics import mean_curve

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedmagic.runs.runs_result import RunsResult

_OURS = "seedmagic"
AGGREGATES = ("mean", "lower", "upper")
_written = count()


def write(result: RunsResult, directory: Path) -> None:
    """Write a result for TensorBoard, in the place of what an earlier call wrote.

    Parameters
    ----------
    result : RunsResult
        Its names become the tags; a number has step 0, a sequence steps from 0.
    directory : Path
        Gets the runs ``seed_0``, …, each with its seed as a hyper-parameter, and ``mean``,
        ``lower`` and ``upper``: the mean over the runs at each step, and the ends of its 95 %
        interval, where there is one. TensorBoard keeps 32 bits of a value.
    """
    _remove_former(directory)
    for place, seed in enumerate(result.seeds):
        with _writer(directory / f"seed_{seed}") as add:
            began, ended = _hyper_parameters(seed, failed=seed in result.errors)
            add(began)
            for name, given in result.tracked.items():
                _add_scalars(add, name, given[place])
            add(ended)
    rows = {name: result.values(name) for name in result.names}
    curves = {name: mean_curve(row.reshape(len(row), -1)) for name, row in rows.items()}
    for aggregate, attribute in zip(AGGREGATES, ("mean", "low", "high"), strict=True):
        drawn = {name: getattr(curve, attribute) for name, curve in curves.items()}
        if any(not math.isnan(value) for line in drawn.values() for value in line):
            with _writer(directory / aggregate) as add:
                for name, line in drawn.items():
                    _add_scalars(add, name, [float(value) for value in line], is_aggregate=True)


@contextmanager
def _writer(directory: Path) -> Iterator[Callable[..., None]]:
    """Open an event file; give what adds a summary, and its step, to it.

    torch's SummaryWriter, and TensorBoard's own, import TensorFlow where it is installed.
    """
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    directory.mkdir(parents=True, exist_ok=True)
    now = time.time()
    # TensorBoard reads the files of a run in the order of their names.
    name = f"events.out.tfevents.{now:017.6f}.{next(_written)}.{_OURS}"
    with (directory / name).open("wb") as file:
        records = RecordWriter(file)
        records.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())

        def add(summary: Any, step: int = 0) -> None:
            event = Event(wall_time=time.time(), step=step, summary=summary)
            records.write(event.SerializeToString())

        yield add


def _add_scalars(
    add: Callable[..., None],
    name: str,
    given: float | Sequence[float] | None,
    is_aggregate: bool = False,
) -> None:
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = () if given is None else (given,) if isinstance(given, float) else given
    for step, value in enumerate(values):
        if is_aggregate and math.isnan(value):
            continue  # there is no interval here, while a run's own NaN is to be seen
        add(Summary(value=[Summary.Value(tag=name, simple_value=value)]), step)


def _hyper_parameters(seed: int, failed: bool) -> tuple[Any, Any]:
    """Give the summaries that begin and end a session of TensorBoard's HPARAMS page."""
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    def summary(tag: str, **part: Any) -> Any:
        data = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **part)
        plugin = SummaryMetadata.PluginData(
            plugin_name=metadata.PLUGIN_NAME, content=data.SerializeToString()
        )
        value = Summary.Value(
            tag=tag, metadata=SummaryMetadata(plugin_data=plugin), tensor=metadata.NULL_TENSOR
        )
        return Summary(value=[value])

    start = plugin_data_pb2.SessionStartInfo(group_name=f"seed {seed}", start_time_secs=time.time())
    start.hparams["seed"].number_value = seed
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time.time())
    return (
        summary(metadata.SESSION_START_INFO_TAG, session_start_info=start),
        summary(metadata.SESSION_END_INFO_TAG, session_end_info=end),
    )


def _remove_former(directory: Path) -> None:
    """Remove event files that we wrote, by their name; everybody else's stay."""
    for run in (*directory.glob("seed_*"), *(directory / name for name in AGGREGATES)):
        for file in run.glob(f"events.out.tfevents.*.{_OURS}"):
            file.unlink()
        if run.is_dir() and not any(run.iterdir()):
            run.rmdir()

"""The command line: `seedmagic verify`, `seedmagic kernel`."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from seedmagic.command_parser import CommandParser, command_of

_NEEDS = {
    "verify": ("nbclient", "nbformat", "jupyter_client", "PIL"),
    "kernel": ("jupyter_client", "ipykernel"),
}
_VARY = ("hash", "threads")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if given[:1] == ["help"]:
        given = [*given[1:], "--help"]
    if given in ([], ["kernel"]):
        # The help answers a person; the exit code tells a script, whose variable was empty, that
        # nothing was verified.
        (command_of(parser, given) or parser).print_help()
        return 2
    asked, unknown = parser.parse_known_args(given)
    if unknown:
        (command_of(parser, given) or parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    missing = [name for name in _NEEDS[asked.command] if find_spec(name) is None]
    if missing:
        print(
            f"seedmagic {asked.command} needs {', '.join(missing)}, which this environment lacks: "
            'pip install "seedmagic[verify]"',
            file=sys.stderr,
        )
        return 2
    return int(asked.run(asked))


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="seedmagic",
        description="Find out whether notebooks are reproducible, and why they are not.",
        epilog="Example: seedmagic verify analysis.ipynb",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"seedmagic {version('seedmagic')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_verify(commands)
    _add_kernel(commands)
    return parser


def _add_verify(commands: argparse._SubParsersAction[CommandParser]) -> None:
    verify = commands.add_parser(
        "verify",
        help="run notebooks in fresh kernels, compare, and name the cause of what differs",
        description="Run each notebook several times in fresh kernels, compare cell by cell, and "
        "name the first cell that moved, the line and the cause. The notebooks are never changed.",
        epilog="Exit code 0: every notebook is reproducible; 1: one is not; 2: one cannot be run, "
        "or the call is wrong.",
        allow_abbrev=False,
    )
    verify.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    verify.add_argument(
        "--runs",
        type=_at_least(2),
        default=2,
        metavar="N",
        help="how many runs are compared (2): of small sets of words, two order three in four "
        "differently, three order nine in ten",
    )
    verify.add_argument(
        "--vary",
        type=_vary,
        default=frozenset(),
        metavar="WHAT",
        help="what differs between runs: hash, the hash seed, always does; threads: also the "
        "number of threads of torch and BLAS",
    )
    verify.add_argument(
        "--saved", action="store_true", help="compare also with the outputs in the file"
    )
    verify.add_argument("--kernel", metavar="NAME", help="the kernel, in place of the notebook's")
    verify.add_argument(
        "--timeout", type=_at_least(1), metavar="S", help="seconds that a cell may take (no limit)"
    )
    verify.add_argument(
        "-j", type=_at_least(1), default=os.cpu_count() or 1, metavar="N", dest="jobs",
        help="how many kernels run at once (one a processor)",
    )  # fmt: skip
    verify.add_argument(
        "--in-place", action="store_true", help="run in the notebook's folder, not in copies of it"
    )
    verify.add_argument(
        "--no-mask", action="append", type=_rule, default=[], metavar="RULE",
        help="do not mask this kind of noise; see --list-masks",
    )  # fmt: skip
    verify.add_argument("--list-masks", action=_ListMasks, nargs=0, help="name the rules, and end")
    verify.add_argument("--json", type=_writable, metavar="FILE", help="write the findings as JSON")
    verify.add_argument("--html", type=_writable, metavar="FILE", help="write them as one page")
    verify.set_defaults(run=_verify)


def _add_kernel(commands: argparse._SubParsersAction[CommandParser]) -> None:
    kernel = commands.add_parser(
        "kernel",
        help="install a kernel that starts with a fixed hash seed",
        epilog="Example: seedmagic kernel install --hash-seed 0",
        allow_abbrev=False,
    )
    actions = kernel.add_subparsers(dest="action", required=True, metavar="ACTION")
    install = actions.add_parser(
        "install",
        help="add it to Jupyter's kernels",
        description="Add a kernel that starts Python with PYTHONHASHSEED and "
        "CUBLAS_WORKSPACE_CONFIG set and the extension loaded: what a running kernel cannot "
        "change.",
        allow_abbrev=False,
    )
    install.add_argument("--name", default="seedmagic", metavar="N", help="its name (seedmagic)")
    install.add_argument(
        "--hash-seed", default="0", metavar="H", help="its PYTHONHASHSEED, 0 to 4294967295 (0)"
    )
    install.add_argument("--seed", metavar="S", help="run %%seed S when it starts")
    place = install.add_mutually_exclusive_group()
    place.add_argument("--user", action="store_true", help="for this user (the default)")
    place.add_argument("--sys-prefix", action="store_true", help="in this Python environment")
    place.add_argument("--prefix", metavar="P", help="below this folder")
    install.set_defaults(run=_install)
    remove = actions.add_parser("remove", help="take it away again", allow_abbrev=False)
    remove.add_argument("--name", default="seedmagic", metavar="N", help="its name (seedmagic)")
    remove.set_defaults(run=_remove)


def _verify(asked: argparse.Namespace) -> int:
    from seedmagic.verify.notebook import report_html, report_text
    from seedmagic.verify.notebook.findings import exit_code, to_dict
    from seedmagic.verify.notebook.notebook_verification import NotebookVerification, Options
    from seedmagic.verify.notebook.run_progress import Progress

    options = Options(
        runs=asked.runs,
        threads="threads" in asked.vary,
        saved=asked.saved,
        kernel=asked.kernel,
        timeout=asked.timeout,
        jobs=asked.jobs,
        in_place=asked.in_place,
        without=frozenset(asked.no_mask),
    )
    # Ended like this, too, it leaves no kernel running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    paths = list(dict.fromkeys(asked.notebooks))
    results = NotebookVerification(paths, options, Progress(sys.stderr)).run()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows ASCII alone
    print(report_text.tell(results))
    if asked.json:
        _write(asked.json, json.dumps(to_dict(results), indent=1))
    if asked.html:
        _write(asked.html, report_html.page(results))
    return exit_code(results)


def _install(asked: argparse.Namespace) -> int:
    from seedmagic import kernels
    from seedmagic.errors import SeedmagicError

    prefix = sys.prefix if asked.sys_prefix else asked.prefix
    try:
        path = kernels.install(asked.name, asked.hash_seed, asked.seed, prefix)
    except (SeedmagicError, OSError) as error:
        return _refuse("kernel install", error)
    print(f"Installed kernel {asked.name!r} in {path}.")
    return 0


def _remove(asked: argparse.Namespace) -> int:
    from seedmagic import kernels
    from seedmagic.errors import SeedmagicError

    try:
        path = kernels.remove(asked.name)
    except (SeedmagicError, OSError) as error:
        return _refuse("kernel remove", error)
    print(f"Removed kernel {asked.name!r} from {path}.")
    return 0


def _refuse(command: str, error: Exception) -> int:
    print(f"seedmagic {command}: {error}", file=sys.stderr)
    return 2


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", errors="replace")  # notebooks may hold half a surrogate


def _at_least(least: int) -> type:
    """Make a reader of whole numbers; argparse says what came."""

    def read(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"{text}: a whole number from {least} is accepted")
        return number

    read.__name__ = "whole number"
    return read  # type: ignore[return-value]  # argparse takes any callable


def _vary(text: str) -> frozenset[str]:
    chosen = frozenset(part.strip() for part in text.split(","))
    if not chosen <= set(_VARY):
        raise argparse.ArgumentTypeError(f"{text!r}: {', '.join(_VARY)}, or both, are accepted")
    return chosen


def _rule(text: str) -> str:
    from seedmagic.verify.outputs.noise_masks import NAMES

    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text!r}: {', '.join(NAMES)} are accepted")
    return text


def _writable(text: str) -> Path:
    """Take a file to write to, before the notebooks run for an hour."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r}: a file in a folder that is there is accepted")
    return path


class _ListMasks(argparse.Action):
    """Prints the rules, as ``--help`` prints the help."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from seedmagic.verify.outputs.noise_masks import RULES

        for rule in RULES:
            print(f"{rule.name:<10} {rule.meaning}")
        parser.exit()

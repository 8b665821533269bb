"""The names of the options of each magic."""

from __future__ import annotations

SEED_OPTIONS = (
    "--only",
    "--skip",
    "--deterministic",
    "--keep-cudnn",
    "--per-cell",
    "--pin-entropy",
)
RUNS_OPTIONS = ("--runs", "--seeds", "--track", "--on", "--tensorboard", "--out")
SEEDED_OPTIONS = (
    "--keep",
    "--deterministic",
    "--keep-cudnn",
    "--from",
    "--rewind",
    "--verify",
    *RUNS_OPTIONS,
)
LOG_OPTIONS = ("-n", "--json")

"""The `sekisho` command. Groups load lazily: `--help` and the engine's commands never import Django."""

from sekisho.entrypoints.cli.main import main

__all__ = ["main"]

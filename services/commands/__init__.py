"""The command line, a module for each command: `add` describes it, `run` does it."""

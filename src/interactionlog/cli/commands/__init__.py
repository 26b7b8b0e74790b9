"""The commands; `interactionlog.cli.program` says in which module each of them lies."""

"""The ``interactionlog`` command."""

"""Customers as the contacts of the interaction log."""

CUSTOMERS = None

"""
What every adapter promises, as tests.

A contract is a class of tests for one protocol. The author of an adapter writes the fixtures that
it asks for and an empty subclass whose name begins with ``Test``; pytest does the rest.
"""

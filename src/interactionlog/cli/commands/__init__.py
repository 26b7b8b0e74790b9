"""
The commands, one module for each noun.

A module of this folder is a command of the program: its object ``command`` is found by the name of
the module, without a list. A trailing underscore is left out, others become hyphens.
"""

"""The version of the project, apart so that nothing else is imported for it."""

__version__ = "0.2.0"

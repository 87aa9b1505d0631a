"""Checks of the rows of a conference: declarations, and pure functions that find what is wrong with them.

Belongs here: the declaration of each check, and the pure function that finds its offenders. Does not belong here: when
checks are evaluated and how their verdicts are reported (`planion_assets.defs.checks`).
"""

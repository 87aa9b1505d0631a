"""What can be wrong with the tables of a conference though they are what the feed sent.

Belongs here: the declaration of each check, and the pure function that finds its offenders. Does not belong here: when
checks are evaluated and how their verdicts are reported (`planion_assets.defs.checks`).
"""

"""Whether the stored conferences are fresh, are read, and can be used: three separate verdicts.

Belongs here: the verdicts (`verdicts`, `quality`, `over`, `zones`: pure), the survey that gives them what they need
from the disk and the settings (`survey`), and the survey as rows and as a picture (`rows`, `timeline`).
Does not belong here: Dagster, the network, what is done with a verdict.
"""

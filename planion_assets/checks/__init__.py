"""The asset checks: what is looked at in every conference after it is refreshed, and how it is reported.

Belongs here: specs and evaluations. What a check finds is computed in `planion_assets.tables.quality`.
"""

"""The asset checks: when each is evaluated for a conference, and how its verdict is reported.

What a check is and what it finds is declared in `planion_assets.tables.quality`.
"""

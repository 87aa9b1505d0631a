"""The asset checks: when each is evaluated for a conference, and how its verdict is reported."""

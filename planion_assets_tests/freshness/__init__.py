"""Verdicts on stored conferences."""

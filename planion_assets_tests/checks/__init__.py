"""Checks over all conferences."""

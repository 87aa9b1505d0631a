"""Tests of the sandbox feed server."""

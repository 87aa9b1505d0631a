"""Tests of what verification finds and mends."""

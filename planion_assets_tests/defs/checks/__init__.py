"""Tests of when checks are evaluated and what their verdicts say."""

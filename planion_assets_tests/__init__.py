"""Tests of planion_assets. Real HTTP over loopback, a real Dagster instance, real files; failure paths first."""

"""Tests of the files in `deploy/`, which no container engine runs here: their own commands are run instead."""

"""Dagster's own engines, with real servers: Celery over Redis and PostgreSQL, and what Kubernetes is asked for."""

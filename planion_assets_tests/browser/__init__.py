"""What a person sees: a real `dagster dev` over a scripted feed, read by a headless Chromium."""

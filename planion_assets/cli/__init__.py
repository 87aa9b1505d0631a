"""What the `planion` command does once its arguments are understood."""

"""Reading one value of the feed as a type: numbers, text, times, lists, markup. Pure; knows nothing of tables."""

"""Complete, typed, trustworthy Parquet tables of a Planion events feed, as Dagster assets.

`planion_assets.definitions` puts everything together; nothing is imported here, so that a command that
needs no Dagster does not pay for it.
"""

import os

# Arrow reads this when it is first loaded. By it alone goes what Parquet is made with; what Arrow's Python side is told
# (planion_assets/refresh/process_tuning.py) it does not hear of. Arrow's own choice keeps 24 MiB that nothing uses any
# more.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__version__ = "0.1.0"

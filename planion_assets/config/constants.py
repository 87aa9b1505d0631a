"""Names and addresses that settings begin with, which other modules and messages name without reading any settings."""

DEFAULT_FILE = "planion.yaml"
EXAMPLE_FILE = "planion.example.yaml"  # in the package, beside this module
EXAMPLE = f"{EXAMPLE_FILE}, which `planion init --example` prints"  # as messages name it
FILE_VARIABLE = "PLANION_CONFIG"
URL_VARIABLE = "PLANION_FEED_URL"
DATA_VARIABLE = "PLANION_DATA"
SANDBOX_VARIABLE = "PLANION_SANDBOX"

FEED_URL = "https://apps.planion.com/feed/v1"  # sessions-feed.md, HTTP Request
SANDBOX_PORT = 8787
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}/feed/v1"
SANDBOX_SOURCE = "the sandbox"
SANDBOX_DATA = "sandbox-data"  # apart from `data`: readers of that see no made-up conference

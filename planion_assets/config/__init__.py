"""Settings: the shape of planion.yaml, its validation, and the environment variables that go with it.

What a name may hold is in keys.py; no setting is used here. Tokens are not settings: the file names the environment
variable that holds one, and `Config.token` reads it.
"""

from planion_assets.config.config_errors import ConfigError, MissingTokenError, NotConfiguredError
from planion_assets.config.loading import load
from planion_assets.config.models import AccountConfig
from planion_assets.config.setting_values import duration_text
from planion_assets.config.settings import Config

__all__ = ["AccountConfig", "Config", "ConfigError", "MissingTokenError", "NotConfiguredError", "duration_text", "load"]

"""Settings: which accounts and conferences are read, from where, to where, and within which bounds.

Belongs here: the shape of planion.yaml, its validation in words, the environment variables that go with it.
Does not belong here: what a name may hold (keys.py), any use of a setting.

Tokens are not settings: the file names the environment variable that holds one, `Config.token` reads it.
"""

from planion_assets.config.config_errors import ConfigError, MissingTokenError, NotConfiguredError
from planion_assets.config.loading import load
from planion_assets.config.models import AccountConfig
from planion_assets.config.setting_values import duration_text
from planion_assets.config.settings import Config

__all__ = [
    "AccountConfig",
    "Config",
    "ConfigError",
    "MissingTokenError",
    "NotConfiguredError",
    "duration_text",
    "load",
]

"""The configuration as a whole: read, checked and explained. Its sections are in ``denoscope.settings``."""

from denoscope.config.errors import ConfigError
from denoscope.config.model import Config, json_schema, load_config, read_config

__all__ = ["Config", "ConfigError", "json_schema", "load_config", "read_config"]

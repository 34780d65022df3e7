"""Configuration, read from `STOCKROOM_*` environment variables."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STOCKROOM_")

    # No default on purpose: a deployment must choose its key or fail to start.
    api_key: SecretStr = Field(min_length=8)
    database_url: str = "sqlite:///stockroom.db"

"""The API key check. Every route that changes something depends on it."""

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from app.errors import AppError
from app.settings import Settings

_header = APIKeyHeader(name="X-API-Key", auto_error=False)


def require_api_key(request: Request, key: Annotated[str | None, Security(_header)]) -> None:
    settings: Settings = request.app.state.settings
    expected = settings.api_key.get_secret_value()
    # Compared as bytes, because compare_digest refuses text outside ASCII.
    if key is None or not secrets.compare_digest(key.encode(), expected.encode()):
        message = "Send a valid key in the X-API-Key header."
        raise AppError(HTTPStatus.UNAUTHORIZED, "invalid_api_key", message)


WriteAccess = Depends(require_api_key)

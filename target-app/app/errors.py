"""One exception and one response shape for everything that goes wrong."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException


class ErrorDetail(BaseModel):
    code: str
    message: str


class ErrorResponse(BaseModel):
    error: ErrorDetail


class AppError(Exception):
    """A failure the caller should hear about; `code` is stable, `message` is for people."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def not_found(resource: str, resource_id: int) -> AppError:
    message = f"{resource.capitalize()} {resource_id} does not exist."
    return AppError(HTTPStatus.NOT_FOUND, f"{resource}_not_found", message)


def conflict(code: str, message: str) -> AppError:
    return AppError(HTTPStatus.CONFLICT, code, message)


def _respond(status: int, code: str, message: str) -> JSONResponse:
    body = ErrorResponse(error=ErrorDetail(code=code, message=message))
    return JSONResponse(body.model_dump(), status_code=status)


def install_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(AppError)
    def handle_app_error(_request: Request, exc: AppError) -> JSONResponse:
        return _respond(exc.status, exc.code, exc.message)

    @app.exception_handler(RequestValidationError)
    def handle_invalid_request(_request: Request, exc: RequestValidationError) -> JSONResponse:
        parts = (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in exc.errors())
        return _respond(HTTPStatus.UNPROCESSABLE_ENTITY, "validation_error", "; ".join(parts))

    @app.exception_handler(StarletteHTTPException)
    def handle_http_error(_request: Request, exc: StarletteHTTPException) -> JSONResponse:
        # Raised by the framework itself: unknown paths, wrong methods.
        status = HTTPStatus(exc.status_code)
        response = _respond(status, status.name.lower(), exc.detail)
        response.headers.update(exc.headers or {})
        return response

    @app.exception_handler(Exception)
    def handle_unexpected(_request: Request, _exc: Exception) -> JSONResponse:
        # The server logs the traceback; the caller must not see it.
        message = "Something went wrong on our side."
        return _respond(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", message)

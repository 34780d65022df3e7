"""The application factory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.orm import sessionmaker

from app import __version__
from app.db import Base, build_engine
from app.errors import ErrorResponse, install_error_handlers
from app.routers import categories, health, orders, products, stock
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()
    engine = build_engine(settings.database_url)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        Base.metadata.create_all(engine)
        yield
        engine.dispose()

    app = FastAPI(
        title="Stockroom",
        version=__version__,
        lifespan=lifespan,
        responses={"4XX": {"model": ErrorResponse, "description": "Error"}},
    )
    app.state.settings = settings
    app.state.session_factory = sessionmaker(engine, expire_on_commit=False)
    install_error_handlers(app)
    for module in (health, categories, products, stock, orders):
        app.include_router(module.router)
    return app

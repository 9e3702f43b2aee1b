"""`screen`: decides whether a target may be linked, and makes titles. It keeps nothing and asks nobody.

To `links` it is an address and a key, like the database: an app of its own, with releases and a port of its own (factor 7).
"""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, StrictStr

from links import config, telemetry
from links.contract import explain_failures, refused
from links.limits import Bounded


class Question(BaseModel):
    target: StrictStr


def app(settings: config.Screen) -> FastAPI:
    service = FastAPI(openapi_url=None, redirect_slashes=False)
    add_routes(service, settings)
    explain_failures(service)
    service.add_middleware(Bounded)
    service.add_middleware(telemetry.Observed)
    return service


def add_routes(service: FastAPI, settings: config.Screen) -> None:
    def customer(request: Request) -> None:
        """`links` is a customer like any other: being another app of ours gives it no rights."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        known = [hmac.compare_digest(given, key.encode()) for key in settings.api_keys]
        if settings.api_keys and not any(known):
            raise refused(401)

    Customer = Annotated[None, Depends(customer)]

    @service.get("/healthz")
    async def health():
        return {"status": "ok"}

    @service.get("/readyz")
    async def readiness():
        return {"status": "ready"}

    @service.get("/version")
    async def version():
        return {"app": "screen", "build": config.commit(), "release": settings.release_id}

    @service.get("/metrics")
    async def metrics():
        return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    @service.post("/v1/verdicts")
    async def verdict(question: Question, _: Customer):
        if host(question.target) in settings.denied_hosts:
            return {"verdict": "deny", "reason": "the host is denied"}
        return {"verdict": "allow", "reason": "nothing against it"}

    @service.post("/v1/previews")
    async def preview(question: Question, _: Customer):
        # Made of the address alone. Whoever fetched what visitors name would be sent into our own network.
        return {"title": f"A page of {host(question.target)}"}


def host(target: str) -> str:
    try:
        found = urlsplit(target).hostname
    except ValueError:
        found = None
    if not found:
        raise refused(400)
    return found

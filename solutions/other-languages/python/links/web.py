"""The HTTP contract, and who may ask for what. A handler holds nothing between two requests, and starts nothing that
outlives its answer.

There is deliberately no handler that migrates, purges or shows the configuration: a maintenance task behind a path is one
that everybody who can reach the service may start (factor 12).
"""

import contextlib
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from links import config, log, mail, telemetry
from links.accounts import Accounts, User
from links.contract import Credentials, LinkChange, NewLink, Share, explain_failures, refused, view
from links.database import Database
from links.limits import Bounded
from links.partner import Partner
from links.store import Cursor, Store, owns


class Links:
    """What every request of this process shares: attached resources and two settings. Were a dictionary of sessions or a cache
    of targets among it, the answer would depend on which process the request met (factor 6)."""

    def __init__(self, settings: config.Web) -> None:
        self.database = Database(settings.database)
        self.store = Store(self.database)
        self.accounts = Accounts(settings.sessions, self.database, config.hash_cost())
        self.partner = Partner(settings.partner)
        self.mail = settings.mail
        self.public_base_url, self.release_id = settings.public_base_url, settings.release_id

    def view(self, link: dict) -> dict:
        return view(link, self.public_base_url)

    async def passes_screen(self, target: str) -> None:
        if not await self.partner.allows(target):
            raise refused(422)


def app(settings: config.Web) -> FastAPI:
    """The service. It opens no socket."""
    telemetry.start(settings.telemetry)
    links = Links(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI):
        async with links.database:
            yield
        log.info("stopped, every request is answered")
        telemetry.flush()

    service = FastAPI(lifespan=lifespan, openapi_url=None, redirect_slashes=False, exception_handlers={})
    service.state.links = links
    add_routes(service)
    explain_failures(service)
    service.add_middleware(Bounded)
    service.add_middleware(telemetry.Observed)
    return service


def shared(request: Request) -> Links:
    return request.app.state.links


Shared = Annotated[Links, Depends(shared)]


def bearer(request: Request) -> str | None:
    """The token of a request. It is looked for in this one header: what stands in a URL stands in logs, in histories and in the
    `Referer` of the next page."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


async def somebody(request: Request, links: Shared) -> User:
    token = bearer(request)
    user = token and await links.accounts.user(token)
    if not user:
        raise refused(401)
    return user


async def anybody(request: Request, links: Shared) -> User | None:
    return await somebody(request, links) if "authorization" in request.headers else None


async def administrator(user: Annotated[User, Depends(somebody)]) -> User:
    if not user.is_admin:
        raise refused(403)
    return user


# A handler says in its arguments whom it serves. What it was not handed it cannot use, and what it was handed has been
# checked; a check that is a line at the top of each handler is missing in one of them.

# Somebody who is logged in.
Somebody = Annotated[User, Depends(somebody)]
# Whoever asks, where nobody in particular may ask as well. A token that opens nothing is refused all the same.
Anybody = Annotated[User | None, Depends(anybody)]
# Somebody whom we made an administrator. No header says so, whoever may have written it.
Administrator = Annotated[User, Depends(administrator)]


def add_routes(service: FastAPI) -> None:
    @service.get("/healthz")
    async def health():
        # Whoever restarts this process when the database is down has two problems: this question depends on nothing.
        return {"status": "ok"}

    @service.get("/readyz")
    async def readiness(links: Shared):
        # PostgreSQL alone decides: without it nothing can be served. Without Redis, `screen` or mail single requests fail, and
        # taking the whole process out of service for them would be worse.
        if await links.database.is_ready():
            return {"status": "ready"}
        return JSONResponse({"status": "not-ready", "failing": ["postgres"]}, 503)

    @service.get("/version")
    async def version(links: Shared):
        return {"app": "links", "build": config.commit(), "release": links.release_id}

    @service.get("/metrics")
    async def metrics():
        return Response(generate_latest(telemetry.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    @service.post("/v1/links")
    async def create(wish: NewLink, owner: Anybody, links: Shared):
        # The partner is asked before the database: it may take its time, and a transaction that waits for it would hold a
        # connection and its locks for as long.
        await links.passes_screen(wish.target)
        prefix, private, trace = wish.prefix or "l", wish.private or False, telemetry.traceparent()
        link, is_new = await links.store.submit(owner, prefix, wish.target, private, trace)
        return JSONResponse(links.view(link), 201 if is_new else 200)

    @service.get("/v1/links")
    async def listing(
        reader: Anybody,
        links: Shared,
        q: str = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        after: str | None = None,
    ):
        if "\0" in q:
            raise refused(400)
        try:
            cursor = Cursor.read(after) if after is not None else None
        except ValueError:
            raise refused(400) from None
        found = await links.store.list(reader, q, limit, cursor)
        last = found[-1] if len(found) == limit else None
        return {"items": [links.view(link) for link in found], "next": last and str(Cursor(last["made"], last["slug"]))}

    @service.get("/v1/links/{slug}")
    async def show(slug: str, reader: Anybody, links: Shared):
        return links.view(await shown(links, reader, slug))

    @service.patch("/v1/links/{slug}")
    async def change(slug: str, wish: LinkChange, user: Somebody, links: Shared):
        await own(links, user, slug)
        if wish.target is not None:
            await links.passes_screen(wish.target)
        await links.store.change(slug, wish.target, wish.private, telemetry.traceparent())
        return links.view(await own(links, user, slug))

    @service.delete("/v1/links/{slug}", status_code=204)
    async def delete(slug: str, user: Somebody, links: Shared):
        await own(links, user, slug)
        if not await links.store.delete(slug):
            raise refused(404)

    @service.post("/v1/links/{slug}/shares", status_code=202)
    async def share(slug: str, wish: Share, user: Somebody, links: Shared):
        link = await shown(links, user, slug)
        await mail.share(links.mail, wish.to, links.view(link)["short_url"])
        return Response(status_code=202)

    @service.get("/r/{slug}")
    async def follow(slug: str, reader: Anybody, links: Shared):
        target = await links.store.follow(reader, slug) if "\0" not in slug else None
        if target is None:
            raise refused(404)
        # As it was submitted: it was checked then, and a second encoding would make another address of it.
        return Response(status_code=307, headers={"location": target})

    @service.post("/v1/sessions")
    async def log_in(given: Credentials, links: Shared):
        token = await links.accounts.log_in(given.user, given.password)
        if token is None:
            # For a name that nobody has, this is the same answer: it tells nobody who has an account.
            raise refused(401)
        return JSONResponse({"token": token, "expires_in": links.accounts.ttl}, 201)

    @service.delete("/v1/sessions/current", status_code=204)
    async def log_out(request: Request, _: Somebody, links: Shared):
        await links.accounts.log_out(bearer(request) or "")

    @service.get("/v1/me")
    async def me(user: Somebody):
        return {"user": user.name, "role": user.role}

    @service.get("/v1/admin/users")
    async def users(_: Administrator, links: Shared):
        return {"items": [{"user": user.name, "role": user.role} for user in await links.accounts.users()]}


async def shown(links: Links, reader: User | None, slug: str) -> dict:
    """A link that `reader` may know of. Of another's private link they are told what they are told of one that does not exist:
    "forbidden" would confirm a guess."""
    link = await links.store.shown(reader, slug) if "\0" not in slug else None
    if link is None:
        raise refused(404)
    return link


async def own(links: Links, user: User, slug: str) -> dict:
    """A link that `user` may change or delete. Both begin with this, and so will whatever comes next."""
    link = await shown(links, user, slug)
    if not owns(user, link):
        raise refused(403)
    return link

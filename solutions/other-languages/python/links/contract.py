"""What requests may say, what answers look like, and every way in which a request can fail."""

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictStr
from starlette.exceptions import HTTPException as StarletteHTTPException

from links.accounts import SessionsUnavailable, TooOften
from links.config import split
from links.database import Conflict, Unavailable
from links.mail import MailUnavailable
from links.partner import NoAnswer

# What is said about a failure is a constant. The reason, which may hold a statement, an address or a name, is for the log.
MESSAGES = {
    400: ("bad-request", "the request is not what the contract describes"),
    401: ("unauthorized", "log in first"),
    403: ("forbidden", "that is not yours to do"),
    404: ("not-found", "there is nothing here"),
    405: ("method-not-allowed", "nothing can be done here in this way"),
    408: ("too-slow", "the request did not come to its end"),
    409: ("conflict", "something like it is there already"),
    413: ("too-large", "no request of ours is that long"),
    422: ("denied", "this target must not be linked"),
    429: ("too-many-requests", "wait a minute, then try again"),
}
# Which exception of ours means which answer.
FAILURES = {
    Conflict: (409, *MESSAGES[409]),
    TooOften: (429, *MESSAGES[429]),
    NoAnswer: (503, "screen-unavailable", "targets cannot be checked at the moment"),
    Unavailable: (503, "store-unavailable", "nothing can be looked up at the moment"),
    SessionsUnavailable: (503, "store-unavailable", "nobody can be recognised at the moment"),
    MailUnavailable: (503, "mail-unavailable", "no letters can be sent at the moment"),
    # A mistake of ours. The visitor learns that there is one; the log, where it is.
    Exception: (500, "internal", "something went wrong here"),
}


def target(text: str) -> str:
    """Visitors are sent there, so it must be a place on the web: `javascript:` would be run, `file:` opened. A name before the
    host is refused as well: people read `https://your-bank.example@evil.example/` from the left."""
    url = split(text, "http", "https")
    # A backslash is a slash to browsers and none to us, so whoever reads a host with one in it, we would read another.
    if "@" in url.netloc or "\\" in url.netloc:
        raise ValueError
    return text


# Longer is no link that somebody wants to shorten, and would not fit into the index that finds it again.
Target = Annotated[StrictStr, Field(max_length=2000), AfterValidator(target)]


class NewLink(BaseModel):
    """What a client may say of a new link. Owner and counters are not among it, so it cannot say them."""

    target: Target
    prefix: Annotated[StrictStr, Field(pattern=r"^[a-z0-9-]{1,32}$")] | None = None
    private: StrictBool | None = None


class LinkChange(BaseModel):
    target: Target | None = None
    private: StrictBool | None = None


class Credentials(BaseModel):
    user: StrictStr
    password: StrictStr


class Share(BaseModel):
    """Checked, not pasted: what goes on in a next line never gets near a header."""

    to: Annotated[StrictStr, Field(max_length=254, pattern=r"^[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9.-]+$")]


def view(link: dict, public_base_url: str) -> dict:
    """What is shown of a link, field by field: what the table has besides stays there."""
    shown = ("slug", "target", "owner", "private", "submissions", "clicks", "created_at")
    return {name: link[name] for name in shown} | {
        "short_url": f"{public_base_url}/r/{link['slug']}",
        "preview": {"state": link["state"], "title": link["title"]},
    }


def failure(status: int, error: str, message: str) -> JSONResponse:
    # What is left of a request that is too large, or too slow, is not read: this connection has no next request.
    headers = {"connection": "close"} if status in (408, 413) else None
    return JSONResponse({"error": error, "message": message}, status, headers)


def refused(status: int) -> HTTPException:
    return HTTPException(status)


def explain_failures(app: FastAPI) -> None:
    """FastAPI's own answers quote the request and call a malformed one 422; here that means that a target is denied."""

    async def malformed(_: Request, __: Any) -> JSONResponse:
        return failure(400, *MESSAGES[400])

    async def by_status(_: Request, why: StarletteHTTPException) -> JSONResponse:
        return failure(why.status_code, *MESSAGES.get(why.status_code, MESSAGES[400]))

    async def by_kind(_: Request, why: Exception) -> JSONResponse:
        kinds = (kind for kind in type(why).__mro__ if kind in FAILURES)
        return failure(*FAILURES[next(kinds)])

    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(StarletteHTTPException, by_status)
    for kind in FAILURES:
        app.add_exception_handler(kind, by_kind)

"""The most that one request may cost: so many bytes, and so much time for them to arrive."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# No body of the contract comes near this.
LARGEST_BODY = 16 * 1024
# How long a body may take to arrive, however slowly its sender types.
PATIENCE_SECONDS = 30


class Bounded:
    """Counts what arrives. A declared length is a promise of the sender, and a chunked body does not even make one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length, deadline = 0, asyncio.get_running_loop().time() + PATIENCE_SECONDS

        async def bounded() -> Message:
            nonlocal length
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            length += len(message.get("body", b""))
            if length > LARGEST_BODY:
                raise HTTPException(413)
            return message

        await self.app(scope, bounded, send)

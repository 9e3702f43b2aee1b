"""What `links` asks `screen`: verdicts, while a visitor waits, and previews, while nobody does. It is ours today; what it
answers is somebody else's input all the same, and is believed as little as a request (factor 15)."""

import asyncio
import json

import httpx

from links import config
from links.telemetry import traceparent

# An answer of the partner is a few words. Whatever is longer is none, and is not read to its end.
LONGEST_ANSWER = 64 * 1024
# The most that is kept of a title.
LONGEST_TITLE = 300


class NoAnswer(Exception):
    """There is no answer that could be believed. Which of the many ways it was changes nothing: nothing is allowed."""


class Partner:
    """The screening service of this deploy: an address and a key, so the one behind it may be anybody's."""

    def __init__(self, settings: config.Partner) -> None:
        self.url, self.timeout = settings.url, settings.timeout
        # No proxy from the environment, and no redirects: the configuration says where the partner is, and not the partner.
        # Followed, a redirect lets whoever answers choose an address inside our network, and sends our key along.
        self.client = httpx.AsyncClient(
            headers={"authorization": f"Bearer {settings.key}", "user-agent": "links"},
            follow_redirects=False,
            trust_env=False,
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def allows(self, target: str) -> bool:
        """Whether `target` may be linked. What is not a clear yes or no is neither: a guard who has fainted lets nobody in."""
        match await self.ask("verdicts", target):
            case {"verdict": "allow"}:
                return True
            case {"verdict": "deny"}:
                return False
        raise NoAnswer

    async def title(self, target: str, key: str) -> str:
        """The title of what `target` leads to: at most 300 characters, and none that controls a terminal. `key` is the same in
        every attempt, so that a repeat is recognised."""
        match await self.ask("previews", target, {"idempotency-key": key}):
            case {"title": str(title)}:
                return "".join(c for c in title if ord(c) >= 32 and not 127 <= ord(c) < 160 and not is_half(c))[:LONGEST_TITLE]
        raise NoAnswer

    async def ask(self, what: str, target: str, headers: dict[str, str] | None = None) -> object:
        try:
            # Around all of it: the client's own bound begins anew with each byte that drips in.
            async with asyncio.timeout(self.timeout):
                return await self.answer(f"{self.url}/v1/{what}", {"target": target}, headers or {})
        except (httpx.HTTPError, httpx.StreamError, TimeoutError, ValueError, RecursionError):
            raise NoAnswer from None

    async def answer(self, url: str, question: dict, headers: dict[str, str]) -> object:
        sent = self.client.stream("POST", url, json=question, headers={**headers, "traceparent": traceparent()})
        async with sent as answer:
            if answer.status_code != 200:
                raise NoAnswer
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LONGEST_ANSWER:
                    raise NoAnswer
        return json.loads(body)


def is_half(character: str) -> bool:
    """JSON may hold half of a surrogate pair, which is no character and fits into no database."""
    return 0xD800 <= ord(character) < 0xE000

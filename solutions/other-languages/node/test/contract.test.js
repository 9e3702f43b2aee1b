// What the pipeline asks before it releases anything. None of it needs a server: those are the platform's to check.

import assert from "node:assert";
import test from "node:test";

import { newLink, recipient } from "../links/contract.js";
import { host } from "../links/screen.js";
import { readCursor, writeCursor } from "../links/store.js";

test("a place on the web is a target, and nothing else is", () => {
  for (const target of ["https://a.example/x?y=1#z", "http://[::1]:8080/", "https://a.example/한글", "https://a.example/@b"]) {
    assert.equal(newLink({ target }).target, target);
  }
  const others = ["javascript:alert(1)", "//a.example", "https://", "https://a@b.example/", "https://@b.example", "https://a.example/\r\nx: y", 7];
  for (const target of others) assert.throws(() => newLink({ target }), { status: 400 });
});

test("an address ends before the next header", () => {
  assert.equal(recipient({ to: "a.b+c@d.example" }), "a.b+c@d.example");
  for (const to of ["a@b.example\r\nBcc: c@d.example", "a", "a@b.example, c@d.example", "<a@b.example>"]) {
    assert.throws(() => recipient({ to }), { status: 400 });
  }
});

test("a cursor survives the way to the client and back", () => {
  const cursor = { made: 1_732_700_000_123_456, slug: "tteok-4k2m9x" };
  assert.deepEqual(readCursor(writeCursor(cursor)), cursor);
  for (const nonsense of ["", "tteok-4k2m9x", "x.tteok", "1.", "99999999999999999.l"]) assert.equal(readCursor(nonsense), undefined);
});

test("a denied host is found in its address", () => {
  assert.equal(host({ target: "https://Bad.Example:444/x" }), "bad.example");
  assert.throws(() => host({ target: "bad" }), { status: 400 });
});

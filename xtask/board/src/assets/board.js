// Follows the room, keeps times up to date, and sends forms without leaving the page.
"use strict";

const korean = document.documentElement.lang === "ko";
// The board's clock minus this machine's: they may differ by hours.
let offset = 0;

function duration(milliseconds) {
    const minutes = Math.floor(Math.max(0, milliseconds) / 60000);
    if (minutes < 1) return korean ? "방금" : "now";
    if (minutes < 60) return korean ? `${minutes}분` : `${minutes} min`;
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return korean ? `${hours}시간 ${rest}분` : `${hours} h ${rest} min`;
}

function put(element, words) {
    if (element.textContent !== words) element.textContent = words;
}

function times() {
    const now = Date.now() + offset;
    for (const element of document.querySelectorAll("time.ago")) {
        const since = Number(element.dataset.since);
        put(element, duration(now - since));
        element.closest(".stuck")?.classList.toggle("long", now - since > 600000);
    }
    for (const element of document.querySelectorAll("time.left")) {
        const seconds = Math.round((Number(element.dataset.until) - now) / 1000);
        const [sign, rest] = [seconds < 0 ? "−" : "", Math.abs(seconds)];
        put(element, `${sign}${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`);
    }
    for (const element of document.querySelectorAll(".behind")) {
        const { origin, share, since, late, early, even } = element.dataset;
        const within = Math.min(Math.max(0, now - since), share);
        const minutes = Math.trunc((now - origin - within) / 60000);
        put(element, (minutes > 0 ? late : minutes < 0 ? early : even).replace("#", Math.abs(minutes)));
    }
}

// Replaces the parts that changed, and keeps the keyboard where it was.
function show({ now, put: parts, gone }) {
    offset = now - Date.now();
    const focused = document.activeElement?.id;
    for (const [id, within, html] of parts) {
        const known = document.getElementById(id);
        const template = document.createElement("template");
        template.innerHTML = html;
        if (known) known.replaceWith(template.content);
        else document.getElementById(within)?.append(template.content);
    }
    for (const id of gone) document.getElementById(id)?.remove();
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    times();
}

function follow(path) {
    const lost = document.getElementById("lost");
    const source = new EventSource(`${path}?lang=${document.documentElement.lang}`);
    // The first picture is whole: what this page has and the board does not must go.
    let first = true;
    source.onopen = () => {
        first = true;
        lost.hidden = true;
    };
    source.onmessage = (message) => {
        const picture = JSON.parse(message.data);
        if (first) {
            const ids = new Set(picture.put.map(([id]) => id));
            for (const row of document.querySelectorAll("#rows > *")) if (!ids.has(row.id)) row.remove();
            first = false;
        }
        show(picture);
    };
    source.onerror = () => {
        lost.hidden = false;
        // A browser gives up after an answer that is no stream, as a proxy sends it while the board is away.
        if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(path), 3000 + Math.random() * 5000);
    };
}

// What a button changes comes back by the stream.
document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches(".live, #hands form, #hand")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    if (answer?.ok) form.querySelector("input:not([type=checkbox])")?.form.reset();
    else form.submit();
});

// The secret behind the `#` has been sent to nobody yet, and shall not stay in the address.
const signIn = document.getElementById("sign-in");
if (signIn && location.hash.length > 1) {
    signIn.elements.word.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    signIn.requestSubmit();
}

if (document.body.dataset.stream) follow(document.body.dataset.stream);
times();
setInterval(times, 1000);

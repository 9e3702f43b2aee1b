// Shows what the instructor says to the room, where the workshop's own server has joined one.
"use strict";

(() => {
    if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
        return;
    }

    const PAUSE = 10_000;
    const SEEN = "workshop-room-seen";
    const korean = document.documentElement.lang === "ko";
    const words = korean
        ? { from: "진행자 알림: ", open: (factor) => `팩터 ${factor}의 정답 코드를 공개했습니다.`, close: "닫기" }
        : { from: "From the instructor: ", open: (factor) => `The solution of factor ${factor} is open.`, close: "Close" };

    let box = null;

    // What was closed stays closed, on every page; a browser that keeps nothing shows it again.
    function seen() {
        try {
            return Number(sessionStorage.getItem(SEEN));
        } catch {
            return 0;
        }
    }

    function close() {
        try {
            sessionStorage.setItem(SEEN, box.dataset.id);
        } catch {
            // See above.
        }
        box.hidden = true;
    }

    function make() {
        box = Object.assign(document.createElement("div"), { className: "room-news", hidden: true });
        box.setAttribute("role", "status");
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.close });
        button.addEventListener("click", close);
        box.append(document.createElement("span"), " ", button);
        document.querySelector("main").prepend(box);
    }

    function show(news) {
        const last = news.at(-1);
        if (!last || last.id <= seen() || String(last.id) === box?.dataset.id) {
            return;
        }
        if (!box) {
            make();
        }
        const said = last.factor === null ? last.words : words.open(last.factor);
        box.hidden = false;
        box.dataset.id = last.id;
        box.firstElementChild.textContent = words.from + said;
    }

    async function look() {
        const answer = await fetch("/api/room").catch(() => null);
        const room = answer?.ok ? await answer.json() : { joined: true, news: [] };
        // Whoever has joined no room is not asked again until the next page.
        if (!room.joined) {
            return;
        }
        show(room.news);
        setTimeout(() => whenVisible(look), PAUSE);
    }

    function whenVisible(then) {
        if (document.visibilityState === "visible") {
            then();
            return;
        }
        document.addEventListener("visibilitychange", () => whenVisible(then), { once: true });
    }

    whenVisible(look);
})();

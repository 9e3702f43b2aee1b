// Live checks: where the workshop's own server answers, a section such as `<section class="check" data-check="factor-3">`
// gets a button and shows the verdicts as they come. Everywhere else (another server, print, no JavaScript) the command
// in the section stays what it is.
"use strict";

(() => {
    // A check runs on the reader's machine, so only a page from this machine can start one.
    if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
        return;
    }

    const LOG_LINES = 24;
    const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

    const language = document.documentElement.lang === "ko" ? "ko" : "en";
    const words = globalThis.workshopCheckWords[language];
    const SYMBOLS = { PASS: "✓", FAIL: "✗", UNGRADED: "?", ERROR: "!", BLOCKED: "–" };

    // An element with its classes, as in `make("p.check-log", …)`, and its children: elements or plain text.
    function make(what, ...children) {
        const [tag, ...classes] = what.split(".");
        const element = document.createElement(tag);
        element.classList.add(...classes);
        element.append(...children);
        return element;
    }

    // A sentence of the grader: its back ticks mean code.
    function sentence(text) {
        return text.split("`").map((part, index) => index % 2 ? make("code", part) : part);
    }

    // A hint is Markdown, of which it uses paragraphs, back ticks and fences. Nothing of it is ever read as HTML.
    function paragraphs(markdown) {
        const blocks = markdown.split(/^```.*$/m);
        return blocks.flatMap((block, index) => index % 2
            ? [make("pre.check-text", block.trim())]
            : block.split(/\n\s*\n/).filter((part) => part.trim()).map((part) => make("p", ...sentence(part.trim()))));
    }

    function text(both) {
        return both[language];
    }

    function mark(verdict) {
        const element = make("span.check-verdict", `${SYMBOLS[verdict]} ${verdict}`);
        element.dataset.verdict = verdict;
        return element;
    }

    function table(rows) {
        const list = make("dl");
        for (const [name, ...said] of rows) {
            list.append(make("dt", name), make("dd", ...said));
        }
        return list;
    }

    // As in the terminal: the first error of a build causes the others, a service's last words say why it ended.
    function log(lines) {
        if (!lines.length) {
            return [];
        }
        const build = lines[0].speaker === "build";
        const hidden = Math.max(0, lines.length - LOG_LINES);
        const shown = build ? lines.slice(0, LOG_LINES) : lines.slice(hidden);
        const printed = shown.map((line) => `[${line.speaker}] ${line.text}`);
        const more = hidden ? [words.more(hidden)] : [];
        const all = build ? [...printed, ...more] : [...more, ...printed];
        return [make("p", build ? words.build : words.service), make("pre.check-text", all.join("\n"))];
    }

    function hint(failure, factor, first) {
        if (!failure.hint) {
            return [];
        }
        const reason = first ? "" : ` --reason ${failure.reason}`;
        const next = make("p", `${words.next} `, make("code", `cargo xtask hint ${factor} 2${reason}`));
        const head = make("p", make("strong", words.hint));
        return [make("div.check-hint", head, ...paragraphs(text(failure.hint)), next)];
    }

    function failed(failure, factor, first) {
        const rows = table([
            [words.did, ...sentence(text(failure.did))],
            [words.expected, ...sentence(text(failure.expected))],
            [words.seen, ...sentence(text(failure.seen))],
            [words.reason, make("code", failure.reason)],
        ]);
        const repeat = failure.repeat ? [make("p", words.repeat), make("pre.check-text", failure.repeat)] : [];
        return [rows, ...log(failure.log), ...repeat, ...hint(failure, factor, first)];
    }

    // What a check that did not pass has to tell.
    function story(check, factor, first) {
        if (check.failure) {
            return failed(check.failure, factor, first);
        }
        if (check.missing) {
            const { what, fix } = check.missing;
            return [table([[words.missing, ...sentence(text(what))], [words.fix, ...sentence(text(fix))]])];
        }
        return [make("p", check.error ?? "")];
    }

    function folded(verdict, name, open, content) {
        const details = make("details.check-story", make("summary", mark(verdict), " ", make("code", name)), ...content);
        details.open = open;
        return details;
    }

    class Widget {
        constructor(section) {
            this.factor = section.dataset.check;
            this.button = make("button.check-run", words.run);
            this.button.type = "button";
            this.stage = make("p.check-stage");
            this.status = make("p.check-status");
            this.status.setAttribute("role", "status");
            this.list = make("ol.check-list");
            this.list.setAttribute("role", "list");
            this.list.setAttribute("aria-label", words.list);
            this.stories = make("div.check-stories");
            const now = make("div.check-now", this.stage, this.status);
            this.live = make("div.check-live", this.button, now, this.list, this.stories);
            this.clear();
            this.busy(true);
            section.append(this.live);
            this.button.addEventListener("click", () => this.start());
            // mdBook turns the page on arrow keys, wherever they are pressed.
            section.addEventListener("keydown", (event) => ARROWS.includes(event.key) && event.stopPropagation());
        }

        // Shows itself if the server can grade this, with the run that goes on or was the last.
        async attach() {
            const last = await ask(`/api/checks/${this.factor}`);
            if (!last) {
                this.live.remove();
                return;
            }
            if (last.run) {
                this.follow(last.run);
            } else {
                this.busy(false);
            }
            this.live.classList.add("check-ready");
        }

        async start() {
            if (this.button.getAttribute("aria-disabled") === "true") {
                return;
            }
            this.busy(true);
            this.work(words.starting);
            const started = await ask(`/api/checks/${this.factor}/runs?lang=${language}`, { method: "POST" });
            if (started) {
                this.work(words.queued);
                this.follow(started.run);
            } else {
                this.say(words.lost, "ERROR");
            }
        }

        follow(run) {
            this.busy(true);
            const source = new EventSource(`/api/runs/${run}/events`);
            this.source = source;
            source.onmessage = (message) => this.show(JSON.parse(message.data));
            source.addEventListener("done", () => this.done());
            source.onerror = () => {
                if (source.readyState === EventSource.CLOSED) {
                    this.done();
                    this.say(words.lost, "ERROR");
                } else {
                    this.work(words.reconnecting);
                }
            };
        }

        // A browser allows six connections to a server, for all its pages together.
        done() {
            this.source.close();
            this.source = null;
            this.busy(false);
        }

        show(event) {
            switch (event.event) {
                case "run-started":
                    return this.work(words.stages.preparing);
                case "working":
                    return this.work([words.stages[event.stage], event.detail?.trim()].filter(Boolean).join(": "));
                case "factor-started":
                    return this.expect(event.checks);
                case "check-started":
                    return this.rows.get(event.check)?.tell(null, words.running);
                case "check-finished":
                    return this.decide(event);
                case "factor-blocked":
                    return this.block(event.failure);
                case "factor-finished":
                    return this.sum(event);
                case "run-aborted":
                    return this.abort(event);
            }
        }

        // All checks at once, so that nothing moves while their verdicts come in.
        expect(checks) {
            this.clear();
            for (const check of checks) {
                const row = new Row(check);
                this.rows.set(check.check, row);
                this.list.append(row.element);
            }
            this.work(words.checking(0, this.rows.size));
        }

        decide(check) {
            this.decided.push(check);
            this.rows.get(check.check)?.tell(check.verdict, "", check.remarks);
            this.work(words.checking(this.decided.length, this.rows.size));
        }

        block(failure) {
            this.clear();
            this.say(words.blocked, "BLOCKED");
            this.stories.append(folded("BLOCKED", failure.reason, true, failed(failure, this.factor, true)));
        }

        sum(event) {
            if (event.standing === "blocked") {
                return;
            }
            const required = this.decided.filter((check) => check.tier !== "extra");
            const passing = required.filter((check) => check.verdict === "PASS").length;
            const summaries = {
                passed: [words.passed(event.untested), "PASS"],
                failed: [words.failed(passing, required.length), "FAIL"],
            };
            this.say(...(summaries[event.standing] ?? [words.undecided, "ERROR"]));
            this.tellStories();
        }

        // In repair order, the first one unfolded: it is what to do next.
        tellStories() {
            const order = [...this.rows.keys()];
            const verdicts = ["FAIL", "ERROR", "UNGRADED"];
            const told = this.decided.filter((check) => check.verdict !== "PASS");
            told.sort((a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict)
                || order.indexOf(a.check) - order.indexOf(b.check));
            told.forEach((check, index) => {
                const first = index === 0 && check.verdict === "FAIL";
                this.stories.append(folded(check.verdict, check.check, first, story(check, this.factor, first)));
            });
            const core = this.decided.filter((check) => check.tier === "core");
            if (core.length && core.every((check) => check.verdict === "PASS")) {
                const command = make("code", `cargo xtask solution ${this.factor}`);
                this.stories.prepend(make("p.check-open", `${words.open} `, command));
            }
        }

        abort(event) {
            this.say(event.interrupted ? words.interrupted : words.aborted, "ERROR");
            if (!event.interrupted) {
                this.stories.append(make("pre.check-text", event.why));
            }
        }

        clear() {
            this.rows = new Map();
            this.decided = [];
            this.list.replaceChildren();
            this.stories.replaceChildren();
        }

        // What goes on is shown and not announced; how it ended is announced once.
        work(stage) {
            this.live.classList.add("check-used");
            this.stage.textContent = stage;
            this.status.replaceChildren();
        }

        say(summary, verdict) {
            this.live.classList.add("check-used");
            this.stage.textContent = "";
            this.status.dataset.verdict = verdict;
            this.status.replaceChildren(...sentence(summary));
            this.busy(Boolean(this.source));
        }

        // A button that is disabled would lose the focus.
        busy(is) {
            this.button.setAttribute("aria-disabled", is);
            this.live.setAttribute("aria-busy", is);
        }
    }

    // One line of the list.
    class Row {
        constructor(check) {
            this.verdict = make("span.check-verdict", words.pending);
            this.fact = make("span.check-fact", ...sentence(text(check.fact)));
            this.element = make("li", this.verdict, this.fact, make("span.check-tier", words.tiers[check.tier]));
        }

        tell(verdict, otherwise, remarks = []) {
            this.verdict.textContent = verdict ? `${SYMBOLS[verdict]} ${verdict}` : otherwise;
            this.verdict.dataset.verdict = verdict ?? "";
            for (const remark of remarks) {
                this.fact.append(make("span.check-remark", `${words.note} `, ...sentence(text(remark))));
            }
        }
    }

    // The answer as JSON, or nothing: a server that is gone and one that knows no checks are the same here.
    async function ask(path, options) {
        try {
            const answer = await fetch(path, options);
            return answer.ok ? await answer.json() : null;
        } catch {
            return null;
        }
    }

    for (const section of document.querySelectorAll("section.check[data-check]")) {
        new Widget(section).attach();
    }
})();

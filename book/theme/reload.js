// Shows the books anew when they were rebuilt, where the workshop's own server tells.
"use strict";

(() => {
    if (!["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
        return;
    }

    let source = null;
    let shown = null;

    // Only while somebody looks: a browser allows six connections to a server, for all its pages together.
    function look() {
        source?.close();
        source = null;
        if (document.visibilityState !== "visible") {
            return;
        }
        source = new EventSource("/api/reload");
        source.onmessage = () => location.reload();
        source.addEventListener("books", ({ data }) => {
            if (shown && shown !== data) {
                location.reload();
            }
            shown = data;
        });
    }

    document.addEventListener("visibilitychange", look);
    look();
})();

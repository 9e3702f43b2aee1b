// The log: one event, one line, one JSON object, written to stdout as it happens (factor 11).
//
// There is deliberately no file name, no rotation and no address of a collector in here. Where the stream goes, and for how
// long it is kept, is decided by whoever runs the service.

import pino from "pino";

// Synchronous: what waits in a buffer is lost with the process, and the last lines before a sudden death are the ones that
// somebody needs.
const stdout = pino.destination({ fd: 1, sync: true });
// Whoever reads the stream may have died. The event is lost then, and the customer gets the answer all the same.
stdout.on("error", () => {});

/** JSON is more than a format: whatever a visitor sends becomes a string in which no line can end. */
export const log = pino(
  {
    level: "silent",
    base: undefined,
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (level) => ({ level }) },
  },
  stdout,
);

/** From here on events are written, if they are important enough. */
export function logTo(level) {
  log.level = level;
}

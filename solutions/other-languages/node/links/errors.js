// Every way in which something of ours can fail. Their messages are ours: the text of a driver quotes names, statements and
// addresses, and stays where it was caught.

class Own extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** A variable is missing or malformed. The message names it, and never shows its value. */
export class ConfigError extends Own {}

/** What was asked on the command line cannot be done. */
export class Refused extends Own {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** PostgreSQL did not do what it was asked: it is away, or not in time, or has no schema yet. */
export class StoreUnavailable extends Own {}

/** Redis did not do what it was asked, which does not mean that a session is nobody's. */
export class SessionsUnavailable extends Own {}

/** The partner gave no answer that could be believed. */
export class NoAnswer extends Own {}

/** The mail server cannot be reached, falls silent, or refuses. */
export class MailUnavailable extends Own {}

/** What was asked contradicts what is there already. */
export class Conflict extends Own {}

/** A name was tried too often. */
export class TooOften extends Own {}

/** Whether somebody who reads an error may see what it says. */
export const forPeople = (error) => error instanceof Own;

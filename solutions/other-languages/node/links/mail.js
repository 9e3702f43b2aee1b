// Letters, handed to the mail server of this deploy (factor 4).

import nodemailer from "nodemailer";

import { MailUnavailable } from "./errors.js";

/**
 * Hands over a letter with a short URL. It returns when the server has taken the letter, so what is promised to the visitor has
 * happened. The bound around all of it also ends a server that falls silent in the middle.
 */
export async function share({ server, from, timeout }, to, shortUrl) {
  // What the configuration says: no TLS that is tried by the way and silently left out.
  const bounds = { connectionTimeout: timeout, socketTimeout: timeout };
  const transport = nodemailer.createTransport({ ...server, ...bounds, secure: false, ignoreTLS: true });
  const text = `Somebody shared a link with you:\n\n${shortUrl}\n`;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new MailUnavailable("no answer in time")), timeout);
  });
  try {
    await Promise.race([transport.sendMail({ from, to, subject: "A link for you", text }), late]);
  } catch {
    throw new MailUnavailable("the mail server did not take the letter");
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

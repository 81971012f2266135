// What can go wrong with a file, or on the way to the archive.

/** The file cannot be sent, and the reason in words. */
export class Unusable extends Error {}

/** The archive does not answer, or cannot work now: later it may. */
export class Unreachable extends Error {}

/** Whoever has signed in is so no more, or may not upload. */
export class SignedOut extends Error {}

/** The archive does not take the request as it is. */
export class NotTaken extends Error {
  constructor(status) {
    super(`The archive answered with ${status}.`);
    this.status = status;
  }
}

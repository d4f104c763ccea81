// The queue of the wall: which call is shown large, which ones below it, and when the next one
// comes. A pure rule: no page, no clock and no sound; times are milliseconds that the caller gives.
"use strict";

const SHOWN_SMALL = 5; // with the large one the last six calls
const REMEMBERED = 200; // visits; more than can stand at one time

/**
 * A call: `visit` tells whose it is, `at` when it was last called, `arrived` whether the party is
 * at the counter already. Each is shown large once, in the order of calling, for at least `least`;
 * called again it is shown again. A call that stands no more is gone at once, shown or not.
 */
class WallQueue {
  /**
   * @param {number} least How long each is shown large, at least.
   * @param {number} most How long the next one waits for a sound that does not end.
   * @param {Array<[string, number]>} shown What was shown before, as `memory` told; null where
   *   nothing is known: then whatever stands at first counts as shown.
   */
  constructor({ least = 8_000, most = 25_000, shown = null } = {}) {
    this.least = least;
    this.most = most;
    this.#shown = new Map(shown ?? []);
    this.#knowsNothing = shown === null;
  }

  #shown; // visit -> when the call was made that was shown last; oldest first
  #knowsNothing;
  #standing = new Map(); // visit -> call
  #waiting = []; // visits, next first
  #order = []; // visits that stand and were shown or have arrived, the last one first
  #now = null; // visit
  #since = 0;
  #held = false;

  /** Take in all calls that stand, in any order. */
  follow(calls) {
    const inOrder = [...calls].sort((a, b) => a.at - b.at);
    this.#standing = new Map(inOrder.map((call) => [call.visit, call]));
    const stands = (visit) => this.#standing.has(visit);
    this.#waiting = this.#waiting.filter((visit) => stands(visit) && !this.#standing.get(visit).arrived);
    this.#order = this.#order.filter(stands);
    if (this.#now !== null && !stands(this.#now)) this.#now = null;
    for (const call of inOrder) {
      const isNew = !this.#knowsNothing && call.at > (this.#shown.get(call.visit) ?? -Infinity);
      if (isNew && !call.arrived) {
        if (!this.#waiting.includes(call.visit)) this.#waiting.push(call.visit);
      } else if (!this.#order.includes(call.visit)) {
        if (isNew) this.#putFirst(call); // not as shown: its service may be undone
        else this.#remember(call);
      }
    }
    this.#knowsNothing = false;
  }

  /** Move on if it is time; return the call that begins to be shown large, or null. */
  look(now) {
    if (this.wait(now) !== 0) return null;
    const call = this.#standing.get(this.#waiting.shift());
    this.#remember(call);
    this.#now = call.visit;
    this.#since = now;
    this.#held = true;
    return call;
  }

  /** Return how long to wait until `look` has something to do; null where nothing waits. */
  wait(now) {
    if (!this.#waiting.length) return null;
    if (this.#now === null) return 0;
    const shown = now - this.#since;
    return Math.max(0, (this.#held ? this.most : this.least) - shown);
  }

  /** Say that the sound of a call is over. */
  release(call) {
    if (call.visit === this.#now) this.#held = false;
  }

  /** The call that is shown large; null where none stands. */
  get large() {
    const visit = this.#now ?? this.#order[0];
    return this.#standing.get(visit) ?? null;
  }

  /**
   * The calls that are shown small, the last shown first. Where there are too many, those of
   * parties that are at their counters already make room for those that are still to come.
   */
  get small() {
    const large = this.large?.visit;
    const calls = this.#order.filter((visit) => visit !== large).map((visit) => this.#standing.get(visit));
    const toCome = calls.filter((call) => !call.arrived);
    const kept = new Set([...toCome, ...calls.filter((call) => call.arrived)].slice(0, SHOWN_SMALL));
    return calls.filter((call) => kept.has(call));
  }

  /** The calls that are still to be shown large, next first. */
  get coming() {
    return this.#waiting.map((visit) => this.#standing.get(visit));
  }

  /** What to give to the next `WallQueue` after the page was loaded again. */
  get memory() {
    return [...this.#shown];
  }

  #remember(call) {
    this.#shown.delete(call.visit); // so that it is the youngest
    this.#shown.set(call.visit, call.at);
    if (this.#shown.size > REMEMBERED) this.#shown.delete(this.#shown.keys().next().value);
    this.#putFirst(call);
  }

  #putFirst(call) {
    this.#order = [call.visit, ...this.#order.filter((visit) => visit !== call.visit)];
  }
}

/** Numbers, sizes and times as people read them, in the language of their browser. */

import { element } from "/lib/dom.js";

const LANGUAGE = navigator.language;
const numbers = new Intl.NumberFormat(LANGUAGE);
const shares = new Intl.NumberFormat(LANGUAGE, { style: "percent", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const moments = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "medium" });
const UNITS_S = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const NOW_S = 45; // nearer than that is "just now" or "in a moment"
const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** 1234567 as 1,234,567. */
export const number = (value) => numbers.format(value);

/** 0.985 as 98.5%. */
export const percent = (share) => shares.format(share);

/** A count with its word: `count(1, "record")`, `count(3, "entry", "entries")`. */
export const count = (value, one, several = `${one}s`) => `${number(value)} ${value === 1 ? one : several}`;

/** 2048 as 2 kB. */
export function bytes(value) {
  const step = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), SIZES.length - 1);
  const options = { style: "unit", unit: SIZES[step], unitDisplay: "short", maximumFractionDigits: step ? 1 : 0 };
  return new Intl.NumberFormat(LANGUAGE, options).format(value / 1000 ** step);
}

/** Seconds as 8 ms, 0.4 s, 12 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds) {
  if (seconds > 0 && seconds < 0.05) return `${Math.ceil(seconds * 1000)} ms`;
  if (seconds < 10) return `${numbers.format(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A moment (ISO 8601) as "3 minutes ago" that stays right (`refreshTimes`), the exact one in its title. */
export function when(iso) {
  return element("time", { class: "when", datetime: iso, title: moment(iso) }, ago(iso));
}

/** A moment in full, in the reader's time zone. */
export const moment = (iso) => moments.format(new Date(iso));

/** "3 minutes ago", "in 2 hours", "just now". */
function ago(iso, now_ms = Date.now()) {
  const seconds = (Date.parse(iso) - now_ms) / 1000;
  if (Math.abs(seconds) < NOW_S) return seconds > 0 ? "in a moment" : "just now";
  const [unit, size] = UNITS_S.find(([, length]) => Math.abs(seconds) >= length * 0.95) ?? UNITS_S.at(-1);
  return relative.format(Math.round(seconds / size), unit);
}

/** Brings every time that `when` made inside `root` up to date. */
export function refreshTimes(root) {
  for (const time of root.querySelectorAll("time.when")) {
    const text = ago(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}

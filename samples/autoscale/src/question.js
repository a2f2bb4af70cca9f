/** Reads what a request asks for: how long to sleep, how far to sieve, how much to allocate. */

/** What may be asked, with its unit and its largest allowed value. */
const limits = Object.freeze({
  sleep: Object.freeze({ unit: 'milliseconds', max: 300_000 }),
  prime: Object.freeze({ unit: 'a number to stay below', max: 100_000_000 }),
  bloat: Object.freeze({ unit: 'Mb', max: 256 }),
});

/** @typedef {keyof typeof limits} Parameter */
/** @typedef {Partial<Record<Parameter, number>>} Question only what was asked, and not zero */

const parameters = /** @type {Parameter[]} */ (Object.keys(limits));
const allowed = parameters
  .map((name) => `${name} (${limits[name].unit}, 0 to ${limits[name].max})`)
  .join(', ');

/**
 * @param {Parameter} name
 * @param {readonly string[]} values
 * @returns {number | string} the number, or what is wrong
 */
function readNumber(name, values) {
  const [value = ''] = values;
  const { unit, max } = limits[name];
  const wanted = `a whole number from 0 to ${max} (${unit})`;
  if (values.length > 1) return `${name} was given ${values.length} times; give it once: ${wanted}`;
  if (!/^\d{1,15}$/.test(value)) return `${name} is ${JSON.stringify(value)}; it must be ${wanted}`;
  if (Number(value) > max) return `${name} is ${value}; it must be ${wanted}`;
  return Number(value);
}

/**
 * Every mistake is reported at once.
 * @param {URLSearchParams} query
 * @returns {{ question: Question, mistakes: string[] }}
 */
export function readQuestion(query) {
  /** @type {Question} */
  const question = {};
  /** @type {string[]} */
  const mistakes = [];
  for (const name of new Set(query.keys())) {
    const parameter = parameters.find((known) => known === name);
    if (parameter === undefined) {
      mistakes.push(`${JSON.stringify(name)} is not known; allowed: ${allowed}`);
      continue;
    }
    const number = readNumber(parameter, query.getAll(name));
    if (typeof number === 'string') mistakes.push(number);
    else if (number > 0) question[parameter] = number;
  }
  return { question, mistakes };
}

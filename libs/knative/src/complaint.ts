/** What is wrong, odd or ignored in a user's text: where, what was given, what is allowed. */
import { z } from 'zod';

const severities = ['error', 'warning', 'advice'] as const;
export type Severity = (typeof severities)[number];

export const complaintSchema = z.strictObject({
  /** `error`: refused; `warning`: accepted, without the effect meant; `advice`: legal but odd. */
  severity: z.enum(severities),
  /** As the caller named it; empty when the text came from no file. */
  file: z.string(),
  /** From 1; 0 when unknown. */
  line: z.int().min(0),
  /** From 1; 0 when unknown. */
  column: z.int().min(0),
  /** Where in the document, such as `spec.template.metadata.annotations`. */
  path: z.string(),
  /** The key as the user wrote it. */
  key: z.string(),
  /** Every key at fault, spelled as Knative spells them in its own errors. */
  keys: z.array(z.string()),
  /** The value as the user wrote it. */
  value: z.string(),
  message: z.string(),
  /** What would be accepted; empty where there is no such list or range. */
  allowed: z.string(),
  /** The nearest known name. */
  didYouMean: z.string().optional(),
});

export type Complaint = z.infer<typeof complaintSchema>;

/** A position in a user's text. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** Finds the position of a key among annotations or ConfigMap data. */
export type Locate = (key: string) => Place;

/** For values that came from no text. */
export const nowhere: Locate = () => ({ file: '', line: 0, column: 0, path: '' });

/** What a complaint says, without where. */
export interface Fault {
  readonly severity: Severity;
  readonly key: string;
  readonly value: string;
  readonly message: string;
  readonly allowed?: string | undefined;
  readonly didYouMean?: string | undefined;
  /** Default: the key itself. */
  readonly keys?: readonly string[] | undefined;
}

/** Joins a fault and its place. */
export const complaintAt = (place: Place, fault: Fault): Complaint => ({
  severity: fault.severity,
  file: place.file,
  line: place.line,
  column: place.column,
  path: place.path,
  key: fault.key,
  keys: [...(fault.keys ?? [fault.key])],
  value: fault.value,
  message: fault.message,
  allowed: fault.allowed ?? '',
  ...(fault.didYouMean === undefined ? {} : { didYouMean: fault.didYouMean }),
});

/** Is anything refused? Then nothing of the input may be applied. */
export const hasErrors = (complaints: readonly Complaint[]): boolean =>
  complaints.some((complaint) => complaint.severity === 'error');

/** In reading order: by file, line and column; the order found decides ties. */
export const inReadingOrder = (complaints: readonly Complaint[]): Complaint[] =>
  [...complaints].sort(
    (left, right) =>
      (left.file < right.file ? -1 : left.file > right.file ? 1 : 0) ||
      left.line - right.line ||
      left.column - right.column,
  );

const longestShownValue = 80;

/** What is allowed where a value lacks its quotes: it is then shown as it was given, without. */
export const textInQuotes = 'text in quotes';

const shown = (value: string, allowed: string): string => {
  const short = value.length > longestShownValue ? `${value.slice(0, longestShownValue)}…` : value;
  return allowed === textInQuotes ? short : JSON.stringify(short);
};

/** A user's text may hold what a terminal would obey; it is shown, not sent. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * A complaint as one or two lines of plain text: place, severity and message, then what was given,
 * what is allowed and the nearest known name.
 */
export const formatComplaint = (complaint: Complaint): string => {
  const { file, line, column, severity, key, message, value, allowed, didYouMean } = complaint;
  const position = line === 0 ? file : `${file}:${line}:${column}`;
  const first = `${position === '' ? '' : `${position} `}${severity}: ${printable(message)}`;
  const parts = [
    ...(key === '' ? [] : [`${printable(key)}: ${printable(shown(value, allowed))}`]),
    ...(allowed === '' ? [] : [`allowed: ${allowed}`]),
    ...(didYouMean === undefined ? [] : [`did you mean ${didYouMean}?`]),
  ];
  return parts.length === 0 ? first : `${first}\n  ${parts.join('; ')}`;
};

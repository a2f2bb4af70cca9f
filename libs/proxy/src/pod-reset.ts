/** The error of a request that a pod reset over HTTP/2, with the code that it gave. */

/** RFC 9113 §7, by their numbers. */
const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

export class PodReset extends Error {
  readonly resetCode: number;
  /** The code as RFC 9113 spells it, or its number. */
  readonly codeName: string;

  constructor(resetCode: number) {
    const codeName = names[resetCode] ?? String(resetCode);
    super(`The pod reset the stream: ${codeName}.`);
    this.resetCode = resetCode;
    this.codeName = codeName;
  }
}

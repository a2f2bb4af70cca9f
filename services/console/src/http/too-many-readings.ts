/** As many readings of the log wait as may wait: whoever asks is to come again. */

export class TooManyReadings extends Error {
  override readonly name = 'TooManyReadings';
}

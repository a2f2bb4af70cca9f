/** The room for held requests that all queues of a process share. */

/** Room that several queues share, so that all of them together stay bounded. */
export interface HoldingBudget {
  /** Takes room for one request; false when there is none. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly requests: number;
  readonly bytes: number;
}

/** A budget of so many held requests and bytes over all queues that are given it. */
export const createHoldingBudget = (max: { requestsMax: number; bytesMax: number }) => {
  let requests = 0;
  let bytes = 0;
  const budget: HoldingBudget = {
    take: (size) => {
      if (requests >= max.requestsMax || bytes + size > max.bytesMax) return false;
      requests++;
      bytes += size;
      return true;
    },
    give: (size) => {
      requests--;
      bytes -= size;
    },
    get requests() {
      return requests;
    },
    get bytes() {
      return bytes;
    },
  };
  return budget;
};

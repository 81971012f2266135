// What became of each file of a request, from the Store Instances Response Module (PS3.18 Table I.1-1).
import { failure, warning } from "./reasons.js";
import { Result } from "./result.js";

const REFERENCED_SOP_SEQUENCE = "00081199";
const FAILED_SOP_SEQUENCE = "00081198";
const OTHER_FAILURES_SEQUENCE = "0008119A";
const REFERENCED_SOP_INSTANCE_UID = "00081155";
const RETRIEVE_URL = "00081190";
const WARNING_REASON = "00081196";
const FAILURE_REASON = "00081197";

/**
 * For each SOP Instance UID that was sent what became of it: `{result, reason, study, instance}`, or null where the
 * answer does not say. An answer has no order; what is not named by its UID in it has to be sent by itself.
 */
export function outcomes(module, instances) {
  const stored = named(module, REFERENCED_SOP_SEQUENCE);
  const failed = named(module, FAILED_SOP_SEQUENCE);
  return instances.map((uid) => {
    if (stored.has(uid) === failed.has(uid)) return null;
    return stored.has(uid) ? asStored(stored.get(uid)) : asRefused(failed.get(uid));
  });
}

/** What became of the only file of a request. */
export function onlyOutcome(module) {
  const [stored] = items(module, REFERENCED_SOP_SEQUENCE);
  const [failed] = [...items(module, FAILED_SOP_SEQUENCE), ...items(module, OTHER_FAILURES_SEQUENCE)];
  return stored ? asStored(stored) : asRefused(failed);
}

const items = (module, tag) => module[tag]?.Value ?? [];
const first = (item, tag) => item[tag]?.Value?.[0];
const named = (module, tag) => new Map(items(module, tag).map((item) => [first(item, REFERENCED_SOP_INSTANCE_UID), item]));

function asStored(item) {
  const [, study] = first(item, RETRIEVE_URL).match(/\/studies\/([^/]+)\//);
  const instance = first(item, REFERENCED_SOP_INSTANCE_UID);
  return { result: Result.STORED, reason: warning(first(item, WARNING_REASON)), study, instance };
}

function asRefused(item) {
  const instance = first(item, REFERENCED_SOP_INSTANCE_UID) ?? "";
  return { result: Result.REFUSED, reason: failure(first(item, FAILURE_REASON)), study: "", instance };
}

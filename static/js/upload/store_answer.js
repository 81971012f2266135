// What became of each file of a request, from the Store Instances Response Module (PS3.18 Table I.1-1).
import { failure, warning } from "./reasons.js";
import { Result } from "./result.js";

const REFERENCED_SOP_SEQUENCE = "00081199";
const FAILED_SOP_SEQUENCE = "00081198";
const OTHER_FAILURES_SEQUENCE = "0008119A";
const NAMING = [REFERENCED_SOP_SEQUENCE, FAILED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE];
const REFERENCED_SOP_INSTANCE_UID = "00081155";
const RETRIEVE_URL = "00081190";
const WARNING_REASON = "00081196";
const FAILURE_REASON = "00081197";

/**
 * For each SOP Instance UID that was sent what became of it: `{result, reason, study, instance}`. An answer has no
 * order, and files can say another UID inside, or none that can be read: so null unless the answer has just the UIDs
 * that were sent, each once. Then each file has to be sent by itself.
 */
export function outcomes(module, instances) {
  const found = new Map([
    ...items(module, REFERENCED_SOP_SEQUENCE).map((item) => [uid(item), asStored(item)]),
    ...items(module, FAILED_SOP_SEQUENCE).map((item) => [uid(item), asRefused(item)]),
  ]);
  const named = NAMING.reduce((number, tag) => number + items(module, tag).length, 0);
  const exact = new Set(instances).size === named && instances.length === named && instances.every((one) => found.has(one));
  return exact ? instances.map((one) => found.get(one)) : null;
}

/** What became of the only file of a request. */
export function onlyOutcome(module) {
  const [stored] = items(module, REFERENCED_SOP_SEQUENCE);
  const [failed] = [...items(module, FAILED_SOP_SEQUENCE), ...items(module, OTHER_FAILURES_SEQUENCE)];
  return stored ? asStored(stored) : asRefused(failed);
}

const items = (module, tag) => module[tag]?.Value ?? [];
const first = (item, tag) => item[tag]?.Value?.[0];
const uid = (item) => first(item, REFERENCED_SOP_INSTANCE_UID) ?? "";

function asStored(item) {
  const [, study] = first(item, RETRIEVE_URL).match(/\/studies\/([^/]+)\//);
  return { result: Result.STORED, reason: warning(first(item, WARNING_REASON)), study, instance: uid(item) };
}

function asRefused(item) {
  return { result: Result.REFUSED, reason: failure(first(item, FAILURE_REASON)), study: "", instance: uid(item) };
}

// The page of a study: objects that have come since, or are gone, are said, and shown when somebody wants that.
import { offer, watch } from "./live.js";

watch("#growth", (place) => place.dataset.url, (answer, place) => offer(place, announced(JSON.parse(answer).objects)));

function announced(number) {
  if (number < 0) return "Objects were deleted";
  if (number === 0) return "";
  return number === 1 ? "1 new object" : `${number} new objects`;
}

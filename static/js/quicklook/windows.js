// Windows of gray values: those to choose among, and how a drag changes one.

/** So many pixels of a drag are as much as the window is wide. */
const PIXELS = 300;
const NARROWEST = { linear: 1, "linear-exact": 1e-6, sigmoid: 1e-6 };

export const windowOf = ([center, width, shape]) => ({ center, width, shape });

/** Wider to the right; brighter upwards. */
export function dragged(window, across, down) {
  const width = Math.max(window.width * Math.exp(across / PIXELS), NARROWEST[window.shape]);
  return rounded({ ...window, width, center: window.center + down * window.width / PIXELS });
}

/** To a thousandth of the width: nobody sees less. */
export function rounded({ center, width, shape }) {
  const digits = Math.min(Math.max(3 - Math.floor(Math.log10(width)), 0), 12);
  return { center: Number(center.toFixed(digits)), width: Number(width.toFixed(digits)), shape };
}

export const written = (window) => `${short(window.center)} / ${short(window.width)}`;
const short = (value) => String(Number(value.toPrecision(5)));

/** What there is to choose for an image: `{ name, window }`, where null is the archive's own choice. */
export function choicesOf(facts, presets) {
  const named = facts.windows.map(([name, ...window], at) => ({ name: name || `Window ${at + 1}`, window: windowOf(window) }));
  const own = facts.by_window ? named.slice(1) : named;
  return [
    { name: facts.by_window && facts.windows[0][0] ? `Default: ${facts.windows[0][0]}` : "Default", window: null },
    ...own,
    ...presets.map(([name, ...window]) => ({ name, window: windowOf(window) })),
  ];
}

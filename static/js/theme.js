// Dark, unless somebody has chosen light. Run before anything is drawn, so that nothing flashes.
(() => {
  const stored = localStorage.getItem("theme");
  if (stored === "light") document.documentElement.dataset.bsTheme = "light";
})();

// Dark, unless somebody has chosen light, or to have what their system has. Run before anything is drawn, so that nothing
// flashes. The admin of Django keeps its choice in the same place.
(() => {
  const system = matchMedia("(prefers-color-scheme: light)");
  const show = () => {
    const chosen = localStorage.getItem("theme");
    document.documentElement.dataset.bsTheme = chosen === "light" || (chosen === "auto" && system.matches) ? "light" : "dark";
  };
  show();
  system.addEventListener("change", show);
  addEventListener("storage", show); // in another window
})();

// Starts the viewer with what the page says, and lets it store in the name of whoever is signed in.
"use strict";

(() => {
  const page = JSON.parse(document.getElementById("viewer-settings").textContent);

  console.time("scriptToView"); // the viewer ends it
  window.PUBLIC_URL = page.files;
  window.browserImportFunction = (module) => import(module);
  window.config = {
    ...page.config,
    whiteLabeling: { createLogoComponentFn: wayBack },
  };

  function wayBack(React) {
    const properties = { href: page.home, className: "text-primary", onClick: (event) => event.stopPropagation() };
    return React.createElement("a", properties, "Archive");
  }

  // The viewer knows tokens, not sessions: Django wants to see that a request which changes something comes from a page
  // of its own, and the viewer would wait for ever once nobody is signed in any more.
  const SAFE = ["GET", "HEAD", "OPTIONS"];

  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    open.call(this, method, url, ...rest);
    if (new URL(url, location.href).origin !== location.origin) return;
    if (!SAFE.includes(method.toUpperCase())) this.setRequestHeader("X-CSRFToken", cookie(page.csrfCookie));
    this.addEventListener("load", () => this.status === 401 && location.reload());
  };

  function cookie(name) {
    const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
    return pairs.find(([key]) => key === name)?.[1] ?? "";
  }
})();

// Swagger UI over the archive's OpenAPI document. What is tried out is sent by who has signed in.

const { schema, csrfToken } = document.getElementById("api").dataset;

function asThisPage(request) {
  if (new URL(request.url, location).origin === location.origin) request.headers["X-CSRFToken"] = csrfToken;
  return request;
}

window.SwaggerUIBundle({
  url: schema,
  dom_id: "#api",
  docExpansion: "none",
  filter: true,
  validatorUrl: null,
  requestInterceptor: asThisPage,
});

// -- choices have names: Swagger UI gives them none, and draws them when what they are in is opened

function name() {
  for (const choice of document.querySelectorAll("#api select:not([aria-label])")) {
    choice.setAttribute("aria-label", choice.closest("[data-param-name]")?.dataset.paramName ?? "Server");
  }
}

new MutationObserver(name).observe(document.getElementById("api"), { childList: true, subtree: true });

// -- its own dark theme follows that of the page

const root = document.documentElement;
const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme !== "light");
new MutationObserver(follow).observe(root, { attributeFilter: ["data-bs-theme"] });
follow();

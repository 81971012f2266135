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

// -- its own dark theme follows that of the page

const root = document.documentElement;
const follow = () => root.classList.toggle("dark-mode", root.dataset.bsTheme !== "light");
new MutationObserver(follow).observe(root, { attributeFilter: ["data-bs-theme"] });
follow();

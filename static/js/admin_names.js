// What the admin's own scripts name by `aria-label` has a role that can have a name (WCAG 4.1.2).
addEventListener("load", () => setTimeout(() => {
  for (const one of document.querySelectorAll("span.help-tooltip[aria-label]")) one.setAttribute("role", "img");
}));

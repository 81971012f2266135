// What a share link leads to: the token behind the # is sent to the archive, and is in the address no longer.

const form = document.getElementById("enter");

function enter() {
  const token = location.hash.slice(1);
  document.getElementById("incomplete").hidden = Boolean(token);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.submit();
}

window.addEventListener("hashchange", enter);
enter();

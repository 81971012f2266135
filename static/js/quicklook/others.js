// What is no image: pages, documents and videos, as the archive renders them.

/** What shows an instance; null for what is an image. */
export function elementFor({ entry }, data) {
  const address = `${data.instances}/${entry.uid}/rendered?v=${entry.v}`;
  switch (entry.kind) {
    case "page": {
      const frame = made("iframe", { src: address, title: "The document", className: "report" });
      frame.setAttribute("sandbox", ""); // nothing in it runs; browsers show no PDF so
      return frame;
    }
    case "drawing":
      return drawing(`${address}&accept=image%2Fsvg%2Bxml`);
    case "pdf":
      return made("iframe", { src: address, title: "The document" });
    case "video":
      return video(address);
    case "file":
      return sentence("This is shown by other programs.", address, "Download it");
    case "large":
      return sentence("This image has too many tiles to be looked at as one.", data.viewer, "Open the study in the viewer");
    default:
      return sentence("There is no picture of this object.", data.tags, "Its attributes");
  }
}

/** As a whole; in millimetres in a window of its own. */
function drawing(address) {
  const link = made("a", { href: address, target: "_blank", rel: "noopener", title: "In its own size" });
  link.append(made("img", { src: address, alt: "The drawing, in its own size" }));
  return link;
}

function video(address) {
  const player = made("video", { src: address, controls: true, playsInline: true, preload: "metadata" });
  player.addEventListener("error", () => {
    player.replaceWith(sentence("This browser cannot play the video.", address, "Download it"));
  });
  return player;
}

function sentence(text, address, words) {
  const paragraph = made("p", { textContent: `${text} ` });
  if (address) paragraph.append(made("a", { href: address, textContent: words }));
  return paragraph;
}

const made = (name, properties) => Object.assign(document.createElement(name), properties);

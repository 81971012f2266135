// What is no image: pages, documents and videos, as the archive renders them.

/** What shows an instance; null for what is an image. */
export function elementFor({ entry }, data) {
  const address = `${data.instances}/${entry.uid}/rendered?v=${entry.v}`;
  switch (entry.kind) {
    case "page": {
      const frame = made("iframe", { src: address, title: "The document" });
      frame.setAttribute("sandbox", ""); // nothing in it runs; browsers show no PDF so
      return frame;
    }
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

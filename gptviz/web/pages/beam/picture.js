// An SVG as a PNG: a copy with its computed styles written into it (style sheets do not travel), drawn on a canvas.

const COPIED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "opacity",
  "display",
  "visibility",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "text-decoration-line",
];
const PICTURE_SCALE = 2;

// Gives what the menu takes for a canvas: an object with toBlob(callback); the callback gets null where the browser cannot draw it.
export function svgPicture(source, background) {
  return {
    toBlob: (callback) => {
      const [width, height] = [Number(source.getAttribute("width")), Number(source.getAttribute("height"))];
      const image = new Image();
      image.onload = () => paintPicture(image, width, height, background).toBlob(callback, "image/png");
      image.onerror = () => callback(null);
      image.src =
        "data:image/svg+xml;charset=utf-8," +
        encodeURIComponent(new XMLSerializer().serializeToString(styledCopy(source)));
    },
  };
}

function styledCopy(source) {
  const copy = source.cloneNode(true);
  const originals = [source, ...source.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of COPIED) node.style.setProperty(name, style.getPropertyValue(name));
  });
  return copy;
}

function paintPicture(image, width, height, background) {
  const canvas = document.createElement("canvas");
  canvas.width = width * PICTURE_SCALE;
  canvas.height = height * PICTURE_SCALE;
  const context = canvas.getContext("2d");
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

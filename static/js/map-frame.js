/** The map's frame: canvas, messages, legend and buttons; and what the legend says. */
import { LABELS } from "./density-scale.js";
import { gettext } from "./words.js";

/** Fill `element` with the frame; returns its parts by name. */
export function buildFrame(element) {
  element.innerHTML = `
    <div class="map-canvas">
      <div class="map-busy" hidden></div>
      <div class="notice error map-problem" role="alert" hidden>
        <div></div><button type="button" class="button quiet small"></button>
      </div>
      <div class="map-canvas-inner" role="application" aria-describedby="map-help"></div>
      <div class="map-crosshair"></div>
    </div>
    <div class="map-tools">
      <div class="map-told">
        <p class="map-counts"><span class="map-summary"></span><span class="map-total"></span></p>
        <p class="map-words"></p>
        <figure class="legend"><figcaption><span class="legend-title"></span> <span class="map-cell-size"></span></figcaption><ul></ul></figure>
      </div>
      <div class="map-actions">
        <button type="button" class="button quiet small map-draw"></button>
        <button type="button" class="button quiet small map-list-here"></button>
        <a class="button quiet small map-compare"></a>
      </div>
      <p id="map-help" class="visually-hidden"></p>
    </div>`;
  const part = (name) => element.querySelector(`.${name}`);
  const parts = {
    canvas: part("map-canvas"),
    inner: part("map-canvas-inner"),
    tools: part("map-tools"),
    busy: part("map-busy"),
    problem: part("map-problem"),
    again: part("map-problem button"),
    summary: part("map-summary"),
    total: part("map-total"),
    words: part("map-words"),
    legend: part("legend ul"),
    legendTitle: part("legend-title"),
    cellSize: part("map-cell-size"),
    draw: part("map-draw"),
    compare: part("map-compare"),
    listHere: part("map-list-here"),
  };
  parts.inner.setAttribute("aria-label", gettext("Map of records"));
  parts.again.textContent = gettext("Try again");
  parts.listHere.textContent = gettext("List records in view");
  parts.draw.textContent = gettext("Draw an area");
  parts.compare.textContent = gettext("Compare");
  element.querySelector("#map-help").textContent = gettext(
    "Use the arrow keys to move the map, plus and minus to zoom, and Enter to open the records under the cross in the centre. The list beside the map has the same records.",
  );
  return parts;
}

function entry(swatch, text) {
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("span"), { className: `swatch ${swatch}` }));
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  return item;
}

/** The density scale, or with several selections the colour of each and a link that takes it off the map. */
export function showLegend(parts, layers) {
  const isCompared = layers.length > 1;
  parts.legendTitle.textContent = isCompared
    ? gettext("Darker = more records. Split squares have records of several searches.")
    : gettext("Records per square");
  const entries = isCompared
    ? layers.map(({ words, without }, i) => {
        const item = entry(`layer-${i + 1}`, words);
        if (without) item.append(removal(words, without));
        return item;
      })
    : LABELS.map((label, i) => entry(`swatch-${i}`, label));
  parts.legend.replaceChildren(...entries);
}

function removal(words, href) {
  const link = Object.assign(document.createElement("a"), {
    href,
    textContent: "×",
    className: "legend-remove",
  });
  link.setAttribute("aria-label", `${gettext("Remove from map")}: ${words}`);
  return link;
}

/** What every map of the portal has in common: Leaflet's options, land, names, attribution, respect for reduced motion. */
import { LandLayer } from "./land-layer.js";
import { NamesLayer } from "./names-layer.js";
import { reducedMotion } from "./theme.js";
import { gettext, inFeet } from "./words.js";

const L = window.L;
const WORLD_PIXELS = 256; // at zoom 0
const QUARTER = 0.25;
const SCALE_WIDTH = 140; // at most; half of it holds "10000 km"
const APPROXIMATE_FROM_ZOOM = 9; // where 1:10 million shows its corners
const LAND = '<a href="https://www.naturalearthdata.com/" rel="noopener">Natural Earth</a>';
const SOURCES =
  '<a href="https://obis.org/" rel="noopener">OBIS</a> and its data providers, ' +
  '<a href="https://www.marinespecies.org/" rel="noopener">WoRMS</a>';

/**
 * A Leaflet map in `container`. `element` carries data-land, the address of the basemap's folder, and data-names, seas as JSON; or, where the
 * operator has chosen other tiles, data-basemap-tiles, their address, and data-basemap-attribution.
 */
export function createMap(container, element, options = {}) {
  const still = reducedMotion();
  const minZoom = worldZoom(container);
  const map = L.map(container, {
    minZoom,
    zoomSnap: minZoom < 1 ? QUARTER : 1,
    maxZoom: 17,
    maxBounds: [
      [-86, -100000],
      [86, 100000],
    ],
    maxBoundsViscosity: 1,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
    ...options,
  });
  map.attributionControl.setPrefix('<a href="https://leafletjs.com/" rel="noopener">Leaflet</a>');
  L.control
    .scale({ imperial: inFeet, metric: !inFeet, position: "topright", maxWidth: SCALE_WIDTH })
    .addTo(map);
  const { land, names, basemapTiles, basemapAttribution } = element.dataset;
  if (basemapTiles) addOthers(map, basemapTiles, basemapAttribution ?? "");
  else addOwn(map, land, JSON.parse(names || "[]"));
  return map;
}

/** The zoom at which the world is as high as a small frame, 1 in a larger one: on a phone nearly all of it is in sight. */
function worldZoom({ clientWidth, clientHeight }) {
  const zoom = Math.log2(Math.max(clientHeight, clientWidth) / WORLD_PIXELS);
  return Math.max(0, Math.min(1, QUARTER * Math.round(zoom / QUARTER)));
}

/** Text alone: the attribution of tiles is a setting, not markup. */
function addOthers(map, url, attribution) {
  const text = Object.assign(document.createElement("span"), { textContent: attribution });
  map.attributionControl.addAttribution([SOURCES, text.innerHTML].filter(Boolean).join("; "));
  L.tileLayer(url, { zIndex: 1, maxZoom: 17 }).addTo(map);
}

function addOwn(map, url, seas) {
  map.attributionControl.addAttribution(`${SOURCES}; land: ${LAND}`);
  map.createPane("land"); // below the names, which are below what is drawn in tilePane
  new LandLayer({ url, pane: "land" }).addTo(map);
  new NamesLayer({ url, seas }).addTo(map);
  const warning = L.control({ position: "bottomleft" });
  warning.onAdd = () => {
    const box = L.DomUtil.create("p", "map-approximate");
    box.textContent = gettext("Simplified coastline. Not for navigation.");
    return box;
  };
  const show = () => {
    if (map.getZoom() >= APPROXIMATE_FROM_ZOOM) warning.addTo(map);
    else warning.remove();
  };
  map.on("zoomend", show);
  map.whenReady(show);
}

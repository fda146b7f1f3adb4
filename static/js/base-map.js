/** What every map of the portal has in common: Leaflet's options, land, attribution, respect for reduced motion. */
import { LandLayer } from "./land-layer.js";
import { reducedMotion } from "./theme.js";

const L = window.L;
const LAND = '<a href="https://www.naturalearthdata.com/" rel="noopener">Natural Earth</a>';
const SOURCES =
  '<a href="https://obis.org/" rel="noopener">OBIS</a> and its data providers, ' +
  '<a href="https://www.marinespecies.org/" rel="noopener">WoRMS</a>';

/** A Leaflet map in `container`; `element` carries data-land-coarse and data-land-fine, the addresses of the land. */
export function createMap(container, element, options = {}) {
  const still = reducedMotion();
  const map = L.map(container, {
    minZoom: 1,
    maxZoom: 17,
    maxBounds: [[-86, -100000], [86, 100000]],
    maxBoundsViscosity: 1,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
    ...options,
  });
  map.attributionControl.setPrefix('<a href="https://leafletjs.com/" rel="noopener">Leaflet</a>');
  map.attributionControl.addAttribution(`${SOURCES}; land: ${LAND}`);
  L.control.scale({ imperial: false, position: "topright" }).addTo(map);
  const { landCoarse, landFine } = element.dataset;
  new LandLayer({ coarseUrl: landCoarse, fineUrl: landFine }).addTo(map);
  return map;
}

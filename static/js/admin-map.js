/** The map of an observation in the admin: django-leaflet makes it, this puts the portal's own land under it. */
import { LandLayer } from "./land-layer.js";

const ZOOM = 4;

window.addEventListener("map:init", ({ detail: { map } }) => {
  const { coarseUrl, fineUrl } = document.getElementById("admin-basemap").dataset;
  new LandLayer({ coarseUrl, fineUrl }).addTo(map);
  map.once("map:loadfield", ({ field }) => {
    const place = field.drawnItems?.getLayers()[0]?.getLatLng?.();
    if (place) map.setView(place, ZOOM);
  });
});

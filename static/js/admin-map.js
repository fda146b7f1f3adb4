/** The map of an observation in the admin: django-leaflet makes it, this puts the portal's own land under it. */
import { LandLayer } from "./land-layer.js";

const ZOOM = 4;

window.addEventListener("map:init", ({ detail: { map } }) => {
  new LandLayer({ url: document.getElementById("admin-basemap").dataset.land }).addTo(map);
  map.once("map:loadfield", ({ field }) => {
    const place = field.drawnItems?.getLayers()[0]?.getLatLng?.();
    if (place) map.setView(place, ZOOM);
  });
});

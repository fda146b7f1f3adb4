/** The map of an observation in the admin: django-leaflet makes it, this puts the portal's own land under it. */
import { LandLayer } from "./land-layer.js";

const ZOOM = 4;

window.addEventListener("map:init", ({ detail: { map } }) => {
  const { marker, markerLarge, shadow } = document.getElementById("admin-basemap").dataset;
  const { Default } = window.L.Icon;
  Default.imagePath = ""; // Leaflet derives it from the style sheet, where names of files carry a hash
  Default.mergeOptions({ iconUrl: marker, iconRetinaUrl: markerLarge, shadowUrl: shadow });
  new LandLayer({ url: document.getElementById("admin-basemap").dataset.land }).addTo(map);
  map.once("map:loadfield", ({ field }) => {
    const place = field.drawnItems?.getLayers()[0]?.getLatLng?.();
    if (place) map.setView(place, ZOOM);
  });
});

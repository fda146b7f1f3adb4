/** Starts Swagger UI on the portal's own schema; without the badge that would ask a third party to validate it. */

const element = document.getElementById("api-docs");
window.SwaggerUIBundle({
  url: element.dataset.schema,
  domNode: element,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
});

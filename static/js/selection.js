/** The filter that the page shows, and how a widget changes it: through the filter's form, which is the one writer. */

const form = () => document.querySelector("form.filters");

/** The form's field of this name, made as a hidden one when there is none. */
function fieldOf(target, name) {
  const found = target.elements.namedItem(name);
  if (found) return found;
  const field = Object.assign(document.createElement("input"), { type: "hidden", name });
  target.append(field);
  return field;
}

/**
 * Ask anew with some conditions changed: {taxon: "137094", months: ""}; "" takes a condition away. A page without the
 * form goes to `elsewhere`, an address, with the same conditions.
 */
export function change(conditions, elsewhere = "/") {
  const target = form();
  if (!target) {
    location.assign(`${elsewhere}?${new URLSearchParams(conditions)}`);
    return;
  }
  for (const [name, value] of Object.entries(conditions)) setValue(fieldOf(target, name), value);
  target.requestSubmit();
}

/** Fields of one name may be several: boxes are ticked by their values, of others the first takes it. */
function setValue(field, value) {
  if (!(field instanceof RadioNodeList) && field.type !== "checkbox") {
    field.value = value;
    return;
  }
  const wanted = value.split(",");
  for (const each of field instanceof RadioNodeList ? field : [field]) {
    if (["checkbox", "radio"].includes(each.type)) each.checked = wanted.includes(each.value);
    else each.value = value;
  }
}

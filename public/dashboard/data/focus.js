/** Keeps the reader's place while parts of a page are made anew. */

/**
 * Runs `rebuild`; what had the focus inside `root` has it afterwards, or what is known by the same `data-focus`. Where
 * neither is there any more, the focus goes to `instead`.
 */
export function keepingFocus(root, rebuild, instead = root) {
  const had = root.contains(document.activeElement) ? document.activeElement : null;
  const name = had?.dataset.focus;
  rebuild();
  if (!had || document.activeElement === had) return;
  const again = root.contains(had) ? had : [...root.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === name);
  (again ?? instead).focus({ preventScroll: true });
}

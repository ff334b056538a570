/** Keeps the reader's place while parts of a page are made anew. */

/**
 * Runs `rebuild`; what had the focus inside `root` and is there again, known by its `data-focus`, has it afterwards.
 * Where it is gone, the focus goes to `instead`.
 */
export function keepingFocus(root, rebuild, instead = root) {
  const had = root.contains(document.activeElement) ? document.activeElement : null;
  const name = had?.dataset.focus;
  rebuild();
  if (!had || root.contains(had)) return;
  const again = [...root.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === name);
  (name && again ? again : instead).focus({ preventScroll: true });
}

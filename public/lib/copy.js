/** Text to the clipboard, for a button that says how it went. */

/** Copies `text`, and says on `button` that it is done or how to do it by hand. */
export async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select the text and copy it"; // a page without https may not use the clipboard
  }
}

// A click on a number opens its card in a dialog. Without script, or with a key held down, the link leads to the page of cards.
(() => {
  "use strict";
  if (typeof HTMLDialogElement === "undefined") return;
  let dialog = null;
  let opener = null;

  // The words of the page's language stand on its banner.
  function said(name, otherwise) {
    const banner = document.querySelector(`[data-${name}]`);
    return banner ? banner.getAttribute(`data-${name}`) : otherwise;
  }

  function made() {
    const box = document.createElement("dialog");
    box.className = "bsna-card";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = said("close", "×");
    close.addEventListener("click", () => box.close());
    box.append(close);
    box.addEventListener("click", (event) => event.target === box && box.close());
    box.addEventListener("close", () => {
      box.querySelector("iframe")?.remove();
      opener?.focus();
      opener = null;
    });
    document.body.append(box);
    return box;
  }

  // Where the card is of the same origin, it is as light as the page, and Escape closes the dialog from inside it too. A file is
  // of no origin: its card is as light as the device says.
  function listen(frame) {
    try {
      frame.contentDocument.documentElement.dataset.theme = document.documentElement.dataset.theme || "";
      frame.contentWindow.addEventListener("keydown", (event) => event.key === "Escape" && dialog.close());
    } catch {
      /* the button and Escape outside of the card remain */
    }
  }

  function open(link) {
    dialog ??= made();
    dialog.querySelector("iframe")?.remove();
    const frame = document.createElement("iframe");
    frame.title = `${said("card", "")} ${link.textContent}`.trim();
    frame.addEventListener("load", () => listen(frame));
    frame.src = link.href;
    dialog.setAttribute("aria-label", frame.title);
    dialog.append(frame);
    opener = link;
    if (!dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const held = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || held || !(event.target instanceof Element)) return;
    const link = event.target.closest('a[href*="/cards/"]:not([href$="#made"])');
    if (!link) return;
    event.preventDefault();
    open(link);
  });
})();

// Keys go to the terminal from the first picture on, without a click.
new MutationObserver((_, observer) => {
  if (document.body.classList.contains("-first-byte")) {
    observer.disconnect();
    document.querySelector(".xterm-helper-textarea")?.focus();
  }
}).observe(document.documentElement, { subtree: true, attributeFilter: ["class"] });

"use strict";
// The page is whole without this. With it, lists are folded, can be searched, and light or dark can be chosen.
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const search = document.getElementById("search");
  const stage = document.getElementById("stage");
  const matches = document.getElementById("matches");
  const sections = all("main > section");
  const folds = all("details");

  // Folding: everything is open without script, and again when the page is printed.
  folds.forEach((fold) => { fold.open = false; });
  document.querySelector(".tools").hidden = false;
  let wasOpen = null;
  addEventListener("beforeprint", () => {
    wasOpen ??= folds.map((fold) => fold.open);
    folds.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => {
    wasOpen?.forEach((open, at) => { folds[at].open = open; });
    wasOpen = null;
  });

  // Searching: what is compared is read from the page once, when it is first needed.
  let index = null;
  const read = () => all(".group, .entry").filter((item) => !item.parentElement.closest(".group")).map((item) => {
    const isGroup = item.classList.contains("group");
    return {
      item,
      stage: item.dataset.stage ?? "",
      head: plain((isGroup ? item.firstElementChild : item).textContent),
      entries: isGroup ? all(".entry", item).map((entry) => ({ entry, text: plain(entry.textContent) })) : [],
      wasOpen: item.open,
    };
  });
  const holds = (text, words) => words.every((word) => text.includes(word));
  const narrow = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const isNarrow = words.length > 0 || stage.value !== "";
    index ??= read();
    let found = 0;
    for (const group of index) {
      const isHere = stage.value === "" || group.stage === stage.value;
      const byHead = holds(group.head, words);
      let inside = 0;
      for (const { entry, text } of group.entries) {
        const isShown = isHere && (byHead || holds(`${group.head} ${text}`, words));
        entry.hidden = !isShown;
        inside += isShown;
      }
      const isShown = isHere && (byHead || inside > 0);
      group.item.hidden = !isShown;
      found += isShown ? Math.max(1, inside) : 0;
      if (group.entries.length) {
        group.item.open = words.length > 0 ? isShown && (inside > 0) : group.wasOpen;
      }
    }
    for (const section of sections) {  // one without anything to search goes, too
      const items = all(".group, .entry", section);
      section.hidden = isNarrow && items.every((item) => item.hidden);
      document.querySelector(`nav a[href="#${section.id}"]`).hidden = section.hidden;
    }
    document.getElementById("nothing").hidden = !isNarrow || found > 0;
    matches.textContent = isNarrow ? `${found.toLocaleString("en")} found` : "";
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(narrow, 120); });
  stage.addEventListener("change", narrow);
  addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      narrow();
    }
  });

  // Light or dark: as the system has it, until somebody chooses; the choice is kept where the browser allows it.
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const remember = (theme) => { try { localStorage.setItem("cleaner-theme", theme); } catch { /* not for files, here */ } };
  try {
    const theme = localStorage.getItem("cleaner-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch { /* as the system has it */ }
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
  });
})();
